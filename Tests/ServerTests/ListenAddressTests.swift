import Testing

@testable import rollcall

@Suite("Listen address")
struct ListenAddressTests {
    @Test(arguments: ["127.0.0.1:4000", "[::1]:4000", "0.0.0.0:0", "[2001:db8::7]:65535"])
    func `an address reads back as it was written`(text: String) {
        let address = ListenAddress(text)
        #expect(address?.description == text)
    }

    @Test func `localhost is 127_0_0_1`() {
        let address = ListenAddress("localhost:80")
        #expect(address?.description == "127.0.0.1:80")
    }

    @Test(arguments: [
        "", ":", ":4000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "127.0.0.1:4000 ", "256.0.0.1:1", "::1:4000", "[::1]", "[::1:4000",
        "[127.0.0.1]:1", "example.org:80", "[]:1", "[:1", "1.2.3:4", "127.0.0.1:４０００",
    ])
    func `anything else is refused`(text: String) {
        let address = ListenAddress(text)
        #expect(address == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:1", true), ("127.255.255.254:1", true), ("128.0.0.1:1", false),
        ("0.0.0.0:1", false), ("[::1]:1", true), ("[::2]:1", false), ("[::]:1", false),
        ("[1::1]:1", false), ("[::ffff:127.0.0.1]:1", true), ("[::ffff:10.0.0.1]:1", false),
    ])
    func `loopback is what only this machine reaches`(text: String, expected: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.isLoopback == expected)
    }
}
