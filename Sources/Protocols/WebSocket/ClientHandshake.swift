import Basics
package import HTTP

/// The client's side of the opening handshake (RFC 6455 §4.1), for the load harness and tests.
package struct ClientHandshake: Sendable {
    /// What both ends agreed upon.
    package struct Agreement: Equatable, Sendable {
        /// The one the server chose of those offered, or none.
        package let subprotocol: String?
        /// What may be deflated; nil for nothing.
        package let compression: Compression?
        /// The first bytes of the server's frames, if they came with its answer.
        package let leftover: [UInt8]
    }

    /// The bytes to send first.
    package let request: [UInt8]

    private let key: String
    private let subprotocols: [String]
    private let offersCompression: Bool
    private var received: [UInt8] = []

    /// - Parameters:
    ///   - host: as the Host header wants it, with the port unless it is the scheme's own.
    ///   - target: path and query.
    ///   - nonce: 16 random bytes (§4.1).
    package init(
        host: String, target: String, subprotocols: [String] = [], offersCompression: Bool = false,
        nonce: [UInt8], headers: [(name: String, value: String)] = []
    ) {
        precondition(nonce.count == 16, "a nonce has 16 bytes")
        key = Base64.encode(nonce)
        self.subprotocols = subprotocols
        self.offersCompression = offersCompression
        var lines = [
            "GET \(target) HTTP/1.1", "Host: \(host)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: \(Handshake.version)", "Sec-WebSocket-Key: \(key)",
        ]
        if !subprotocols.isEmpty {
            lines.append("Sec-WebSocket-Protocol: \(subprotocols.joined(separator: ", "))")
        }
        if offersCompression { lines.append("Sec-WebSocket-Extensions: \(Compression.offer)") }
        lines += headers.map { "\($0.name): \($0.value)" }
        request = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// Takes bytes of the answer; nil until it is whole. Of no further use after an error.
    package mutating func feed(
        _ bytes: RawSpan
    ) throws(ClientHandshakeError) -> Agreement? {
        bytes.withUnsafeBytes { received.append(contentsOf: $0) }
        let all = received
        let parser = ResponseParser()
        let response: ReceivedResponse?
        do throws(HTTPError) {
            try parser.feed(all.span.bytes)
            response = try parser.next()
        } catch {
            throw .notHTTP(error)
        }
        guard let response else { return nil }
        return try check(response, leftover: parser.leftover)
    }

    /// The rules of §4.1 on the server's answer.
    private func check(
        _ response: ReceivedResponse, leftover: [UInt8]
    ) throws(ClientHandshakeError) -> Agreement {
        guard response.statusCode == 101 else { throw .refused(status: response.statusCode) }
        let headers = response.headers
        guard headers.list("upgrade", contains: "websocket"),
            headers.list("connection", contains: "upgrade")
        else { throw .noUpgrade }
        guard headers.values(of: "sec-websocket-accept") == [HandshakeKey.accept(key)] else {
            throw .wrongAccept
        }
        let chosen = headers.values(of: "sec-websocket-protocol")
        guard chosen.count <= 1, chosen.allSatisfy(subprotocols.contains) else {
            throw .unknownSubprotocol
        }
        return Agreement(
            subprotocol: chosen.first, compression: try compression(headers), leftover: leftover)
    }

    private func compression(_ headers: Headers) throws(ClientHandshakeError) -> Compression? {
        let lines = headers.values(of: "sec-websocket-extensions")
        guard let extensions = ExtensionOffer.parse(lines) else { throw .unknownExtension }
        guard let first = extensions.first else { return nil }
        guard offersCompression, extensions.count == 1, let compression = Compression(answer: first)
        else { throw .unknownExtension }
        return compression
    }
}

/// Why a server's answer does not make a WebSocket.
package enum ClientHandshakeError: Error, Equatable, Sendable {
    case notHTTP(HTTPError)
    /// Any other status than 101.
    case refused(status: Int)
    case noUpgrade
    case wrongAccept
    case unknownSubprotocol
    case unknownExtension
}
