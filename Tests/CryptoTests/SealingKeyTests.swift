import Testing

@testable import Crypto

@Suite struct SealingKeyTests {
    @Test(arguments: [0, 1, 15, 16, 17, 1_000])
    func `what was sealed opens, and is longer by the overhead`(length: Int) {
        let key = SealingKey.random()
        let text = SecureRandom.bytes(length)
        let sealed = key.seal(text, context: [1])
        let opened = key.open(sealed, context: [1])
        #expect(opened == text)
        #expect(sealed.count == length + SealingKey.overheadBytes)
    }

    @Test func `a change at any byte, a cut anywhere, and another key or context open nothing`() {
        let key = SealingKey.random()
        let sealed = key.seal(Array("session".utf8), context: [1])
        let changed = sealed.indices.filter { index in
            var copy = sealed
            copy[index] ^= 1
            return key.open(copy, context: [1]) != nil
        }
        let cut = sealed.indices.filter { key.open(Array(sealed[..<$0]), context: [1]) != nil }
        let byOther = SealingKey.random().open(sealed, context: [1])
        let elsewhere = key.open(sealed, context: [2])
        #expect(changed.isEmpty)
        #expect(cut.isEmpty)
        #expect(byOther == nil)
        #expect(elsewhere == nil)
    }

    @Test func `sealing the same twice gives different bytes`() {
        let key = SealingKey.random()
        let first = key.seal([1])
        let second = key.seal([1])
        #expect(first != second)
    }

    @Test func `a key is 32 bytes`() {
        let lengths = [31, 32, 33].filter { SealingKey([UInt8](repeating: 0, count: $0)) != nil }
        #expect(lengths == [32])
    }

    /// Test case 16 of the GCM specification (McGrew, Viega, "The Galois/Counter Mode of
    /// Operation", appendix B), laid out as we do: nonce, text, tag.
    @Test func `the published AES-256-GCM example opens`() throws {
        let key = try #require(
            SealingKey(
                bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")))
        let sealed = bytes(
            "cafebabefacedbaddecaf888"
                + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b")
        let opened = key.open(sealed, context: bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        let text = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
        #expect(opened == text)
    }
}

/// Bytes from hexadecimal, as the standards print them.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap { $0.hexDigitValue.map(UInt8.init) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
