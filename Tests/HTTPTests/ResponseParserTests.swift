import Testing

@testable import HTTP

@Suite("RFC 9112 §4, §6")
struct ResponseParserTests {
    @Test func `responses are read one after the other, byte by byte`() throws {
        let parser = ResponseParser()
        let text =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\r\n\r\nhi"
            + "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            + "HTTP/1.1 204 No Content\r\n\r\n"
        var seen: [String] = []
        for byte in text.bytes {
            let one = [byte]
            try parser.feed(one.span.bytes)
            while let response = try parser.next() {
                let body = String(decoding: response.body, as: UTF8.self)
                seen.append("\(response.statusCode) \(body) \(response.headers["x"] ?? "-")")
            }
        }
        #expect(seen == ["200 hi y", "404 abc -", "204  -"])
        #expect(parser.leftover.isEmpty)
    }

    @Test func `what follows a change of protocol is left over`() throws {
        let parser = ResponseParser()
        let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
        try parser.feed((head + "frames").bytes.span.bytes)
        let response = try parser.next()
        #expect(response?.isUpgrade == true)
        #expect(parser.leftover == "frames".bytes)
    }

    @Test func `our own responses are read back`() throws {
        let parser = ResponseParser()
        let sent = Response(.created, headers: [("A", "b")], body: [1, 2, 3])
        try parser.feed(sent.serialized().span.bytes)
        let response = try parser.next()
        #expect(response?.statusCode == 201)
        #expect(response?.headers["a"] == "b")
        #expect(response?.body == [1, 2, 3])
    }

    @Test func `a body beyond the limit is refused`() throws {
        let parser = ResponseParser(maximumBodyBytes: 1)
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
        try parser.feed(text.bytes.span.bytes)
        #expect(throws: HTTPError.bodyTooLarge) { try parser.next() }
    }
}
