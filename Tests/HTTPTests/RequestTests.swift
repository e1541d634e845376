import HTTP
import Testing

@Suite struct RequestTests {
    private func isForLoopback(_ head: String) throws -> Bool {
        let exchange = Exchange(head + "\r\n\r\n")
        let request = try #require(exchange.requests.first)
        return request.isForLoopback
    }

    @Test(arguments: [
        "localhost", "LOCALHOST:4000", "127.0.0.1", "127.0.0.1:4000", "127.255.0.9", "[::1]",
        "[::1]:4000",
    ]) func `this machine has names that no DNS can point elsewhere`(host: String) throws {
        #expect(try isForLoopback("GET / HTTP/1.1\r\nHost: \(host)"))
    }

    @Test(arguments: [
        "evil.example", "evil.example:4000", "127.0.0.1.evil.example", "127.0.0.evil",
        "localhost.evil.example", "127.0.0.1.", "127.0.0", "127.0.0.256", "[::2]", "[::1].evil",
        "192.168.0.1", "",
    ]) func `any other host may be anybody's`(host: String) throws {
        let found = try isForLoopback("GET / HTTP/1.1\r\nHost: \(host)")
        #expect(!found)
    }

    @Test func `who speaks HTTP 1.0 may name no host`() throws {
        #expect(try isForLoopback("GET / HTTP/1.0"))
    }
}
