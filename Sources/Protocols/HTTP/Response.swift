/// An answer with its whole body.
package struct Response: Sendable {
    /// The outcome; it also decides whether there is content at all.
    package var status: Status

    /// Beside `Content-Length` and `Connection`, which ``serialized(closing:withoutBody:)`` adds.
    package var headers: [(name: String, value: String)]

    /// The content; left out where the status has none.
    package var body: [UInt8]

    /// Without fields and content unless they are given.
    package init(
        _ status: Status, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The bytes to send (RFC 9112 §4).
    ///
    /// - Parameters:
    ///   - closing: says that the connection ends with this answer (RFC 9112 §9.6).
    ///   - withoutBody: for HEAD, which gets the length and no content (RFC 9110 §9.3.2).
    package func serialized(closing: Bool = false, withoutBody: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + body.count)
        bytes.append(contentsOf: "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n".utf8)
        for header in headers { Response.append(header.name, header.value, to: &bytes) }
        if !status.hasNoContent {
            Response.append("Content-Length", String(body.count), to: &bytes)
        }
        if closing { Response.append("Connection", "close", to: &bytes) }
        bytes.append(contentsOf: "\r\n".utf8)
        if !withoutBody, !status.hasNoContent { bytes.append(contentsOf: body) }
        return bytes
    }

    /// A control character in a value becomes a space (RFC 9110 §5.5), so that no value can start
    /// a field of its own.
    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        let start = bytes.count
        bytes.append(contentsOf: value.utf8)
        for index in start..<bytes.count where bytes[index] < 0x20 || bytes[index] == 0x7F {
            bytes[index] = 0x20
        }
        bytes.append(contentsOf: "\r\n".utf8)
    }
}
