import Testing

@testable import EventLoop

@Suite struct PeerAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:80", true),
        ("127.255.0.9", "127.255.0.9:80", true),
        ("128.0.0.1", "128.0.0.1:80", false),
        ("192.0.2.7", "192.0.2.7:80", false),
        ("::1", "[::1]:80", true),
        ("::2", "[::2]:80", false),
        ("2001:db8::1", "[2001:db8::1]:80", false),
        ("::ffff:127.0.0.1", "127.0.0.1:80", true),
        ("::ffff:192.0.2.7", "192.0.2.7:80", false),
    ])
    func `an address reads as its standard writes it`(
        host: String, text: String, isLoopback: Bool
    ) throws {
        let address = try #require(PeerAddress(SocketAddress(host: host, port: 80)))
        #expect(address.text == text)
        #expect(address.isLoopback == isLoopback)
        #expect(address.port == 80)
    }

    @Test func `an IPv4 client is the same on a listener of either kind`() throws {
        let plain = PeerAddress(try SocketAddress(host: "192.0.2.7", port: 9))
        let mapped = PeerAddress(try SocketAddress(host: "::ffff:192.0.2.7", port: 9))
        #expect(plain == mapped)
    }

    @Test func `an address of another family is none`() {
        let address = PeerAddress(SocketAddress())
        #expect(address == nil)
    }
}
