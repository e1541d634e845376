import Testing

@testable import Basics

@Suite("RFC 4648 base64")
struct Base64URLTests {
    /// The vectors of §10, and the two characters that the alphabets differ in.
    static let vectors: [(bytes: [UInt8], url: String, standard: String)] = [
        ([], "", ""),
        (Array("f".utf8), "Zg", "Zg=="),
        (Array("fo".utf8), "Zm8", "Zm8="),
        (Array("foo".utf8), "Zm9v", "Zm9v"),
        (Array("foob".utf8), "Zm9vYg", "Zm9vYg=="),
        (Array("fooba".utf8), "Zm9vYmE", "Zm9vYmE="),
        (Array("foobar".utf8), "Zm9vYmFy", "Zm9vYmFy"),
        ([0xFB, 0xFF], "-_8", "+/8="),
    ]

    @Test(arguments: vectors)
    func `bytes are written in both alphabets`(bytes: [UInt8], url: String, standard: String) {
        #expect(Base64URL.encode(bytes) == url)
        #expect(Base64.encode(bytes) == standard)
    }

    @Test(arguments: vectors)
    func `what was written is read back, padded or not`(
        bytes: [UInt8], url: String, standard: String
    ) {
        #expect(Base64URL.decode(url) == bytes)
        let padding = String(repeating: "=", count: (4 - url.count % 4) % 4)
        #expect(Base64URL.decode(url + padding) == bytes)
    }

    @Test(arguments: ["Z", "Zm9vY", "Zm+v", "Zm/v", "Zm 9", "Zg=a", "Zé", "Zg\n"])
    func `foreign characters and impossible lengths are refused`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test
    func `every byte survives the way there and back`() {
        let all = (0...255).map { UInt8($0) }
        for count in [254, 255, 256] {
            let bytes = Array(all.prefix(count))
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }
}
