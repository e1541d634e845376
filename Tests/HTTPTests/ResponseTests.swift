import Testing

@testable import HTTP

@Suite("RFC 9112 §4, RFC 9110 §8.6")
struct ResponseTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `a response has its status, fields, length and body`() {
        let response = Response(
            .ok, headers: [("Content-Type", "text/plain")], body: Array("hi".utf8))
        let expected = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"
        #expect(text(response.serialized()) == expected)
    }

    @Test func `an empty body has a length, too`() {
        let response = text(Response(.notFound).serialized(closing: true))
        #expect(
            response == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    @Test func `HEAD gets the length without the body`() {
        let response = text(Response(.ok, body: [65]).serialized(withoutBody: true))
        #expect(response == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
    }

    @Test(arguments: [Status.switchingProtocols, .noContent, .notModified])
    func `a status without content has no length`(status: Status) {
        let response = text(Response(status, body: [65]).serialized())
        #expect(response == "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n\r\n")
    }

    @Test func `no value starts a field of its own`() {
        let response = Response(.ok, headers: [("Location", "/a\r\nSet-Cookie: b\0")])
        let expected =
            "HTTP/1.1 200 OK\r\nLocation: /a  Set-Cookie: b \r\nContent-Length: 0\r\n\r\n"
        #expect(text(response.serialized()) == expected)
    }

    @Test func `every error's status blames the client or a missing feature`() {
        for error in HTTPError.allCases {
            let code = error.status.rawValue
            #expect((400..<500).contains(code) || code == 501 || code == 505)
        }
    }
}
