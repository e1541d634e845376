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
    var phase: Phase
    /// Used once the socket is a WebSocket.
    var decoder: FrameDecoder
    /// Bytes of answers and echoes that the kernel has not taken yet.
    var pending: [UInt8] = []
    /// When a socket that is not a WebSocket yet, or is closing, is given up.
    var deadline: Instant?
    // Single bytes last, where they share a word.
    var closing = ClosingHandshake()
    /// The peer is on this machine.
    let isLocal: Bool
    /// Requests wait unread until the answers before them are sent.
    var isHeldBack = false
    /// Close once ``pending``, or the hub's outbox, is sent.
    var closesWhenSent = false
    /// The client closed with 1000: it does not want to be waited for.
    var leftOnPurpose = false

    init(id: SocketID, isLocal: Bool, deadline: Instant) {
        self.id = id
        self.isLocal = isLocal
        self.deadline = deadline
        phase = .http(RequestParser())
        decoder = FrameDecoder(role: .server, inflates: false)
    }

    /// How long a client may take to send a whole request: a slow phone needs a second or two,
    /// and a socket that sends a byte a second must not stay.
    static let requestTime: Duration = .seconds(10)

    /// What answers may wait before no further request of the socket is looked at.
    ///
    /// A read of 64 KiB holds 2,400 requests for the page, whose answers take 22 MiB: without this
    /// bound a client that pipelines and reads nothing filled the memory. 256 KiB is more than any
    /// answer needs, so that only pipelining is slowed down. `test_pipelining.py` guards it.
    static let maximumPendingBytes = 256 * 1024
}
