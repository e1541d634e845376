/// Who has said goodbye, and what comes next, on the server's side (RFC 6455 §7.1).
///
///     open ──we close──▶ closing ──peer's close, its end, or patience over──▶ closed
///       └──peer's close (answered), its end, or its error────────────────────▶ closed
package struct ClosingHandshake: Sendable {
    /// What the connection must do. Bytes go out before the socket is closed.
    package enum Action: Equatable, Sendable {
        case none
        /// Send the close frame and wait for the peer's, at most ``patience``.
        case send([UInt8])
        /// Send the close frame, then close the socket.
        case sendAndDisconnect([UInt8])
        case disconnect
    }

    private enum State { case open, closing, closed }

    /// How long a peer may take to answer a close: a slow phone on a bad line needs a second or
    /// two; a socket that nobody reads any more should not stay much longer.
    package static let patience: Duration = .seconds(5)

    private var state = State.open

    /// An open connection.
    package init() {}

    /// Whether messages may still be sent: after a close nothing follows (§5.5.1).
    package var maySend: Bool {
        switch state {
        case .open: true
        case .closing, .closed: false
        }
    }

    /// We end the connection.
    package mutating func close(_ code: CloseCode?, reason: String = "") -> Action {
        switch state {
        case .open:
            state = .closing
            return .send(FrameEncoder.close(code, reason: reason))
        case .closing, .closed:
            return .none
        }
    }

    /// The peer's close came. Its code is echoed (§5.5.1); the server then closes the socket
    /// first (§7.1.1), so that waiting out TCP's last packets is its burden.
    package mutating func received(_ code: CloseCode?) -> Action {
        switch state {
        case .open:
            state = .closed
            return .sendAndDisconnect(FrameEncoder.close(code))
        case .closing:
            state = .closed
            return .disconnect
        case .closed:
            return .none
        }
    }

    /// The peer broke the protocol (_Fail the WebSocket Connection_, §7.1.7).
    package mutating func failed(_ error: ProtocolError) -> Action {
        switch state {
        case .open:
            state = .closed
            return .sendAndDisconnect(
                FrameEncoder.close(error.closeCode, reason: error.rawValue))
        case .closing:
            state = .closed
            return .disconnect
        case .closed:
            return .none
        }
    }

    /// The peer ended the stream, or ``patience`` is over.
    package mutating func ended() -> Action {
        switch state {
        case .open, .closing:
            state = .closed
            return .disconnect
        case .closed:
            return .none
        }
    }
}
