import HTTP
import Testing

@testable import WebSocket

@Suite("RFC 6455 §4.1")
struct ClientHandshakeTests {
    private let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    private func client(compressing: Bool = false) -> ClientHandshake {
        ClientHandshake(
            host: "a:4000", target: "/socket?vsn=2.0.0", subprotocols: ["phoenix"],
            offersCompression: compressing, nonce: Array("the sample nonce".utf8),
            headers: [("Origin", "http://a")])
    }

    private func answer(_ lines: String..., body: String = "") -> [UInt8] {
        let head = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
        ]
        return Array(((head + lines + ["", ""]).joined(separator: "\r\n") + body).utf8)
    }

    private func outcome(
        _ bytes: [UInt8], compressing: Bool = false
    ) -> Result<ClientHandshake.Agreement?, ClientHandshakeError> {
        var client = client(compressing: compressing)
        return Result { () throws(ClientHandshakeError) in try client.feed(bytes.span.bytes) }
    }

    @Test func `our own server takes its request and it takes the answer`() throws {
        var client = client(compressing: true)
        let parser = RequestParser()
        try parser.feed(client.request.span.bytes)
        let request = try #require(try parser.next())
        let handshake = try Handshake(request)
        #expect(handshake.subprotocols == ["phoenix"])
        #expect(request.headers["origin"] == "http://a")
        let response = handshake.response(subprotocol: "phoenix")
        var agreement: ClientHandshake.Agreement?
        for index in response.indices {
            #expect(agreement == nil)
            let byte = [response[index]]
            agreement = try client.feed(byte.span.bytes)
        }
        let expected = ClientHandshake.Agreement(
            subprotocol: "phoenix", compression: Compression(serverWindowBits: 15), leftover: [])
        #expect(agreement == expected)
    }

    @Test func `frames that come with the answer are left over`() throws {
        let agreement = try outcome(answer(accept, body: "\u{1}\u{0}")).get()
        #expect(agreement?.leftover == [1, 0])
        #expect(agreement?.subprotocol == nil)
    }

    @Test func `another status is a refusal`() {
        let bytes = Array("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".utf8)
        #expect(outcome(bytes) == .failure(.refused(status: 403)))
    }

    @Test func `a wrong proof is refused`() {
        let wrong = outcome(answer("Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="))
        #expect(wrong == .failure(.wrongAccept))
        #expect(outcome(answer()) == .failure(.wrongAccept))
    }

    @Test func `a subprotocol nobody offered is refused`() {
        let outcome = outcome(answer(accept, "Sec-WebSocket-Protocol: mqtt"))
        #expect(outcome == .failure(.unknownSubprotocol))
    }

    @Test func `an extension nobody offered is refused`() {
        let outcome = outcome(answer(accept, "Sec-WebSocket-Extensions: permessage-deflate"))
        #expect(outcome == .failure(.unknownExtension))
    }

    @Test(arguments: [
        "",
        "; client_no_context_takeover",
        "; server_no_context_takeover; client_max_window_bits=9",
        "; server_no_context_takeover; server_no_context_takeover",
        "; server_no_context_takeover; x",
        "; server_no_context_takeover; server_max_window_bits=16",
        "; server_no_context_takeover, b",
    ])
    func `compression on other terms than offered is refused`(parameters: String) {
        let line = "Sec-WebSocket-Extensions: permessage-deflate" + parameters
        let outcome = outcome(answer(accept, line), compressing: true)
        #expect(outcome == .failure(.unknownExtension))
    }

    @Test func `an answer that is not HTTP is refused`() {
        let garbage = outcome(Array("nonsense\r\n\r\n".utf8))
        #expect(garbage == .failure(.notHTTP(.invalidHeader)))
    }
}
