import Testing

@testable import Crypto

@Suite("RFC 4231") struct HMACTests {
    @Test func `test case 2 gives the published tags, again and again with one key`() {
        let text = Array("what do ya want for nothing?".utf8)
        let hmac = HMAC(.sha256, key: Array("Jefe".utf8))
        let tags = (0..<3).map { _ in hex(hmac.authenticate(text)) }
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        #expect(tags == [expected, expected, expected])
        let sha384 = hex(HMAC(.sha384, key: Array("Jefe".utf8)).authenticate(text))
        let sha512 = hex(HMAC(.sha512, key: Array("Jefe".utf8)).authenticate(text))
        #expect(sha384.hasPrefix("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"))
        #expect(sha512.hasPrefix("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6"))
    }

    @Test func `an empty key and an empty text have their tag`() {
        // Computed with Python's hmac; RFC 4231 has no such case.
        let tag = hex(HMAC(.sha256, key: []).authenticate([UInt8]()))
        #expect(tag == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `a tag is valid for its text only`() {
        let hmac = HMAC(.sha256, key: [1])
        let tag = hmac.authenticate([1, 2])
        let right = hmac.isValid(tag, for: [1, 2])
        let otherText = hmac.isValid(tag, for: [1, 3])
        let cut = hmac.isValid(Array(tag.dropLast()), for: [1, 2])
        #expect([right, otherText, cut] == [true, false, false])
    }
}

@Suite struct ConstantTimeTests {
    @Test func `arrays are equal when every byte is`() {
        let outcomes = [
            ConstantTime.equal([], []), ConstantTime.equal([1, 2], [1, 2]),
            ConstantTime.equal([1, 2], [1, 3]), ConstantTime.equal([1, 2], [1]),
        ]
        #expect(outcomes == [true, true, false, false])
    }
}
