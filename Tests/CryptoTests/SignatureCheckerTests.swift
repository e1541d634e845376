import Testing

@testable import Crypto

@Suite("RFC 7518 §3.4: raw and ASN.1 signatures") struct ECDSASignatureTests {
    @Test func `numbers are signed and as short as can be`() {
        let zeros = [UInt8](repeating: 0, count: 31)
        let small = ECDSASignature.der(fromRaw: zeros + [1] + zeros + [0x80])
        #expect(small == [0x30, 7, 2, 1, 1, 2, 2, 0, 0x80])
        let none = ECDSASignature.der(fromRaw: zeros + [0] + zeros + [0])
        #expect(none == [0x30, 6, 2, 1, 0, 2, 1, 0])
        let large = [UInt8](repeating: 0xFF, count: 64)
        let longest = ECDSASignature.der(fromRaw: large)
        #expect(longest?.count == 72)
    }

    @Test func `only 64 bytes are a signature`() {
        let lengths = [0, 63, 64, 65].filter {
            ECDSASignature.der(fromRaw: [UInt8](repeating: 1, count: $0)) != nil
        }
        #expect(lengths == [64])
    }
}
