package import HTTP

/// The server's side of the opening handshake (RFC 6455 §4.2): a request that asks for WebSocket,
/// found in order, and the answer.
package struct Handshake: Sendable {
    /// Subprotocols offered, the preferred first (§4.1). phoenix.js puts a token among them.
    package let subprotocols: [String]

    /// What to use of permessage-deflate; nil when the client offers nothing that we serve.
    package let compression: Compression?

    private let key: String

    /// Checks a request against §4.2.1.
    package init(_ request: Request) throws(HandshakeError) {
        guard request.method == .get else { throw .notGet }
        guard request.version == .http11 else { throw .oldHTTP }
        let headers = request.headers
        guard headers.list("upgrade", contains: "websocket") else { throw .noUpgrade }
        guard headers.list("connection", contains: "upgrade") else { throw .noUpgrade }
        let versions = headers.values(of: "sec-websocket-version")
        guard versions.count == 1, versions[0] == Handshake.version else {
            throw .unsupportedVersion
        }
        let keys = headers.values(of: "sec-websocket-key")
        guard keys.count == 1, HandshakeKey.isValid(keys[0]) else { throw .invalidKey }
        key = keys[0]
        subprotocols = headers.list("sec-websocket-protocol")
        // §4.1: tokens, none twice.
        guard subprotocols.allSatisfy({ $0.utf8.allSatisfy(\.isTokenCharacter) }),
            Set(subprotocols).count == subprotocols.count
        else { throw .invalidSubprotocols }
        let extensions = ExtensionOffer.parse(headers.values(of: "sec-websocket-extensions"))
        guard let extensions else { throw .invalidExtensions }
        compression = Compression.choose(from: extensions)
    }

    /// The only version there is (§4.1).
    static let version = "13"

    /// The bytes that turn the connection into a WebSocket (§4.2.2).
    ///
    /// - Parameters:
    ///   - subprotocol: one of ``subprotocols``, or nil for none.
    ///   - compressing: false answers without permessage-deflate whatever was offered.
    package func response(subprotocol: String?, compressing: Bool = true) -> [UInt8] {
        if let subprotocol {
            precondition(subprotocols.contains(subprotocol), "a subprotocol nobody offered")
        }
        var headers = [
            (name: "Upgrade", value: "websocket"), (name: "Connection", value: "Upgrade"),
            (name: "Sec-WebSocket-Accept", value: HandshakeKey.accept(key)),
        ]
        if let subprotocol { headers.append(("Sec-WebSocket-Protocol", subprotocol)) }
        if compressing, let compression {
            headers.append(("Sec-WebSocket-Extensions", compression.header))
        }
        return Response(.switchingProtocols, headers: headers).serialized()
    }
}

/// Why a request does not become a WebSocket, each with its answer (RFC 6455 §4.2.2, §4.4).
package enum HandshakeError: String, Error, CaseIterable, Sendable {
    case notGet
    case oldHTTP
    case noUpgrade
    case unsupportedVersion
    case invalidKey
    case invalidSubprotocols
    case invalidExtensions

    /// The answer; the connection closes with it.
    package var response: Response {
        let body = Array("{\"error\":\"\(rawValue)\"}".utf8)
        let json = (name: "Content-Type", value: "application/json")
        switch self {
        case .notGet:
            return Response(.methodNotAllowed, headers: [json, ("Allow", "GET")], body: body)
        case .unsupportedVersion:
            // §4.4: name the versions we speak. RFC 9110 §15.5.22: 426 names the protocol.
            return Response(
                .upgradeRequired,
                headers: [
                    json, ("Sec-WebSocket-Version", Handshake.version), ("Upgrade", "websocket"),
                    ("Connection", "Upgrade"),
                ], body: body)
        case .oldHTTP, .noUpgrade, .invalidKey, .invalidSubprotocols, .invalidExtensions:
            return Response(.badRequest, headers: [json], body: body)
        }
    }
}
