import Testing

@testable import Crypto

/// The one-block message "abc" of FIPS 180-4's examples (NIST, Secure Hash Standard examples).
@Suite("FIPS 180-4")
struct DigestTests {
    private let abc = Array("abc".utf8)

    @Test func `sha1 of abc is the published digest`() {
        let digest = hex(Digest.sha1(abc))
        #expect(digest == "a9993e364706816aba3e25717850c26c9cd0d89d")
    }

    @Test func `sha256 of abc is the published digest`() {
        let digest = hex(Digest.sha256(abc))
        #expect(
            digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `sha384 of abc is the published digest`() {
        let digest = hex(Digest.sha384(abc))
        #expect(digest.hasPrefix("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"))
        #expect(digest.utf8.count == 96)
    }

    @Test func `sha512 of abc is the published digest`() {
        let digest = hex(Digest.sha512(abc))
        #expect(digest.hasPrefix("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"))
        #expect(digest.utf8.count == 128)
    }

    @Test func `the digest of nothing is the published one`() {
        let digest = hex(Digest.sha1([]))
        #expect(digest == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    }
}

/// Lower-case hexadecimal, as the standards print digests.
func hex(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined()
}
