import Basics
import EventLoop
import HTTP
import WebSocket

/// One accepted socket: first HTTP, then perhaps a WebSocket of the hub or an echo.
///
///     http ──upgrade──▶ webSocket | echo ──close──▶ gone
///       └──answered, keep-alive──▶ http
///
/// Confined to its loop.
final class Client {
    enum Phase {
        case http(RequestParser)
        /// Its outgoing bytes are the hub's.
        case webSocket
        /// Its outgoing bytes are ``pending``, compressed as agreed. Boxed, so that the phase of
        /// every other client stays one word.
        indirect case echo(Compression?)
    }

    let id: SocketID
    let peer: PeerAddress
    var phase: Phase
    /// Used once the socket is a WebSocket.
    var decoder: FrameDecoder
    var closing = ClosingHandshake()
    /// Bytes of answers and echoes that the kernel has not taken yet.
    var pending: [UInt8] = []
    /// When a socket that is not a WebSocket yet, or is closing, is given up.
    var deadline: Instant?
    /// Close once ``pending``, or the hub's outbox, is sent.
    var closesWhenSent = false
    /// The client closed with 1000: it does not want to be waited for.
    var leftOnPurpose = false

    init(id: SocketID, peer: PeerAddress, deadline: Instant) {
        self.id = id
        self.peer = peer
        self.deadline = deadline
        phase = .http(RequestParser())
        decoder = FrameDecoder(role: .server, inflates: false)
    }

    /// How long a client may take to send a whole request: a slow phone needs a second or two,
    /// and a socket that sends a byte a second must not stay.
    static let requestTime: Duration = .seconds(10)
}
