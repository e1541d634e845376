import HTTP
import Testing

@testable import WebSocket

/// One entry of `websocket-handshakes.json`.
struct HandshakeVector: Decodable {
    let name: String
    let request: [String]
    let subprotocols: [String]?
    let windowBits: Int?
    let choosing: String?
    let response: [String]?
    let error: String?
    let status: Int?
}

@Suite("RFC 6455 §4.2, Protocol/vectors/websocket-handshakes.json")
struct HandshakeTests {
    @Test func `every vector is answered or refused as it says`() throws {
        let vectors = try Vectors.load("websocket-handshakes", as: HandshakeVector.self)
        #expect(vectors.count > 50)
        for vector in vectors {
            let request = try #require(try request(vector.request), "\(vector.name)")
            do throws(HandshakeError) {
                let handshake = try Handshake(request)
                #expect(vector.error == nil, "\(vector.name)")
                #expect(handshake.subprotocols == vector.subprotocols, "\(vector.name)")
                #expect(
                    handshake.compression?.serverWindowBits == vector.windowBits,
                    "\(vector.name)")
                let response = handshake.response(subprotocol: vector.choosing)
                let lines = lines(response)
                #expect(lines == vector.response.map { $0 + ["", ""] }, "\(vector.name)")
            } catch {
                #expect(error.rawValue == vector.error, "\(vector.name)")
                #expect(error.response.status.rawValue == vector.status, "\(vector.name)")
            }
        }
    }

    @Test func `an unsupported version is told the version to use`() {
        let lines = lines(HandshakeError.unsupportedVersion.response.serialized(closing: false))
        #expect(lines.contains("Sec-WebSocket-Version: 13"))
        #expect(lines.contains("Upgrade: websocket"))
    }

    @Test func `a wrong method is told the right one`() {
        let lines = lines(HandshakeError.notGet.response.serialized())
        #expect(lines.contains("Allow: GET"))
    }

    @Test func `compression can be left out of the answer`() throws {
        let request = try #require(
            try request([
                "GET / HTTP/1.1", "Host: a", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Extensions: permessage-deflate",
            ]))
        let handshake = try Handshake(request)
        let lines = lines(handshake.response(subprotocol: nil, compressing: false))
        let mentions = lines.filter { $0.hasPrefix("Sec-WebSocket-Extensions") }
        #expect(mentions.isEmpty)
    }

    private func request(_ lines: [String]) throws(HTTPError) -> Request? {
        let parser = RequestParser()
        let bytes = Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
        try parser.feed(bytes.span.bytes)
        return try parser.next()
    }

    private func lines(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false
        ).map(String.init)
    }
}
