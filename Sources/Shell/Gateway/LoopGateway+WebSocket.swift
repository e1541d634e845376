import Basics
import EventLoop
import HTTP
import Hub
import Phoenix
import RoomContract
import WebSocket

// From the upgrade to the close frame.
extension LoopGateway {
    static let socketPaths: Set<String> = [
        "/socket/websocket", "/realtime/v1/websocket",
    ]

    /// Answers an upgrade of a client's; `leftover` are frames that came with it.
    func upgrade(_ request: Request, _ leftover: [UInt8], of client: Client) {
        let handshake: Handshake
        do {
            handshake = try Handshake(request)
        } catch {
            return answer(explained(error), to: request, of: client)
        }
        if request.path == "/echo" {
            return beginEcho(handshake, leftover, client)
        }
        guard let hub else {
            return answer(.unavailable("the database cannot be reached"), to: request, of: client)
        }
        guard let query = QueryString(request.query) else {
            return answer(
                .error(.badRequest, Refusal(.invalidPayload, "the query is malformed")),
                to: request, of: client)
        }
        guard let version = WireVersion(vsn: query["vsn"]) else {
            return answer(
                .error(.badRequest, Refusal(.invalidPayload, "vsn must be 1.0.0 or 2.0.0")),
                to: request, of: client)
        }
        switch identity(of: request, query, subprotocols: handshake.subprotocols) {
        case .failure(let refusal):
            answer(.error(.unauthorized, refusal), to: request, of: client)
        case .success(let identity):
            let compression = handshake.compression
            let phoenix = handshake.subprotocols.contains(Self.subprotocol)
            // From here on all that goes out is the hub's, answers before this one included.
            let response = handshake.response(subprotocol: phoenix ? Self.subprotocol : nil)
            let greeting = client.pending + response
            client.pending = []
            client.phase = .webSocket
            client.deadline = nil
            client.decoder = FrameDecoder(
                role: .server, inflates: compression != nil,
                maximumMessageBytes: UInt32(Limits.messageBytes))
            // A client with a smaller window is served without compression: the broadcasts it
            // shares with others may reach back further.
            hub.edge.opened(
                client.id.slot, identity: identity, version: version,
                compresses: compression?.serverWindowBits == 15)
            guard hub.edge.greet(client.id.slot, greeting) else {
                // The loop's outboxes are full to the last byte: nobody new can be served.
                return sockets.close(client.id)
            }
            receiveFrames(leftover.span.bytes, from: client)
        }
    }

    /// The handshake's own status and headers, under the one form that refusals have here.
    private func explained(_ error: HandshakeError) -> Response {
        let refusal = Refusal(.invalidPayload, "the WebSocket handshake: \(error.rawValue)")
        var response = Response.error(error.response.status, refusal)
        response.headers += error.response.headers.filter { $0.name != "Content-Type" }
        return response
    }

    private func beginEcho(_ handshake: Handshake, _ leftover: [UInt8], _ client: Client) {
        let compression = handshake.compression
        send(handshake.response(subprotocol: nil), to: client)
        client.phase = .echo(compression)
        client.deadline = nil
        client.decoder = FrameDecoder(
            role: .server, inflates: compression != nil,
            maximumMessageBytes: UInt32(Limits.echoMessageBytes))
        receiveFrames(leftover.span.bytes, from: client)
    }

    // MARK: Tokens

    /// phoenix.js: `authToken` travels as a second subprotocol.
    private static let subprotocol = "phoenix"
    private static let tokenSubprotocol = "base64url.bearer.phx."

    func identity(
        of request: Request, _ query: QueryString, subprotocols: [String]
    ) -> Result<Identity, Refusal> {
        guard let token = token(of: request, query, subprotocols) else {
            return .failure(Refusal(.tokenInvalid, "a token is needed: token, apikey or Bearer"))
        }
        return gate.identity(token, at: loop.wallClock)
    }

    private func token(
        of request: Request, _ query: QueryString, _ subprotocols: [String]
    ) -> String? {
        if let offered = subprotocols.first(where: {
            $0.hasPrefix(Self.tokenSubprotocol)
        }) {
            let bytes = Base64URL.decode(offered.dropFirst(Self.tokenSubprotocol.count))
            return bytes.map { String(decoding: $0, as: UTF8.self) }
        }
        return query["token"] ?? bearer(request) ?? request.headers["x-api-key"]
            ?? query["apikey"]
    }

    /// The token of `Authorization: Bearer`.
    func bearer(_ request: Request) -> String? {
        guard let value = request.headers["authorization"],
            value.lowercased().hasPrefix("bearer ")
        else { return nil }
        return String(value.dropFirst("bearer ".count))
    }

    // MARK: Frames

    func receiveFrames(_ bytes: RawSpan, from client: Client) {
        var offset = 0
        do throws(ProtocolError) {
            while let event = try client.decoder.next(
                in: bytes, from: &offset, inflater: inflater)
            {
                handle(event, from: client)
            }
        } catch {
            if client.closing.maySend, let reason = CloseReason(error) {
                hub?.edge.countClose(reason)
            }
            perform(client.closing.failed(error), on: client)
        }
    }

    private func handle(_ event: FrameDecoder.Event, from client: Client) {
        switch event {
        case .message(let kind, let bytes):
            switch client.phase {
            case .webSocket: hub?.edge.received(kind, bytes, from: client.id.slot)
            case .echo(let compression): echo(kind, bytes, compression, to: client)
            case .http: break
            }
        case .ping(let payload):
            hub?.edge.heard(from: client.id.slot)
            if client.closing.maySend { sendFrame(FrameEncoder.pong(payload), to: client) }
            pauseIfBehind(client)
        case .pong:
            hub?.edge.heard(from: client.id.slot)
        case .close(let code, _):
            client.leftOnPurpose = code == .normal
            perform(client.closing.received(code), on: client)
        }
    }

    /// Compressed under the same conditions as what the hub sends, so that a conformance suite
    /// meets what clients meet.
    private func echo(
        _ kind: MessageKind, _ bytes: [UInt8], _ compression: Compression?, to client: Client
    ) {
        guard client.closing.maySend else { return }
        if let compression, compression.takes(messageBytes: bytes.count),
            let frame = FrameEncoder.compressedMessage(kind, bytes, deflater)
        {
            send(frame, to: client)
        } else {
            send(FrameEncoder.message(kind, bytes), to: client)
        }
        pauseIfBehind(client)
    }

    /// Reading stops while an echo client takes neither echoes nor pongs, so that one that only
    /// writes is slowed down and its queue bounded. Others have the hub's outbox.
    private func pauseIfBehind(_ client: Client) {
        guard case .echo = client.phase, client.pending.count > Limits.echoMessageBytes else {
            return
        }
        sockets.pauseReading(client.id)
    }

    // MARK: The end

    /// The server ends a connection.
    func end(_ client: Client, _ reason: CloseReason) {
        switch client.phase {
        case .webSocket, .echo:
            let action = client.closing.close(
                CloseCode(rawValue: reason.rawValue), reason: reason.name)
            perform(action, on: client)
        case .http:
            client.closesWhenSent = true
            if client.pending.isEmpty { sockets.closeAfterShutdown(client.id) }
        }
    }

    private func perform(_ action: ClosingHandshake.Action, on client: Client) {
        switch action {
        case .none: break
        case .send(let frame):
            sendFrame(frame, to: client, isLast: true)
            client.deadline = loop.now.advanced(by: ClosingHandshake.patience)
        case .sendAndDisconnect(let frame):
            sendFrame(frame, to: client, isLast: true)
            client.closesWhenSent = true
            client.deadline = loop.now.advanced(by: ClosingHandshake.patience)
        case .disconnect:
            sockets.closeAfterShutdown(client.id)
        }
    }
}

extension CloseReason {
    /// The reason under which a peer's breach of the protocol is counted.
    fileprivate init?(_ error: ProtocolError) {
        self.init(rawValue: error.closeCode.rawValue)
    }
}
