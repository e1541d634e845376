import Testing

@testable import WebSocket

@Suite("RFC 6455 §1.3")
struct HandshakeKeyTests {
    @Test func `the sample key is answered as the RFC says`() {
        let accept = HandshakeKey.accept("dGhlIHNhbXBsZSBub25jZQ==")
        #expect(accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [
        "dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "+/+/+/+/+/+/+/+/+/+/+w==",
    ])
    func `sixteen bytes in base64 are a key`(key: String) {
        #expect(HandshakeKey.isValid(key))
    }

    @Test(arguments: [
        "", "==", "AAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAA",
        "-_AAAAAAAAAAAAAAAAAAAA==",
    ])
    func `anything else is not`(key: String) {
        #expect(!HandshakeKey.isValid(key))
    }
}
