import EventLoop
import WebSocket

/// One connection of the generator.
final class Client {
    /// Its place in the fleet, from 0.
    let index: Int
    var socket: SocketID?
    /// Only while the opening handshake is under way.
    var handshake: ClientHandshake?
    var isOpen = false
    var hasEnded = false
    var decoder = FrameDecoder(role: .client, inflates: false)
    /// Bytes the kernel has not taken yet.
    var unsent: [UInt8] = []
    /// When it was told to connect, on ``MonotonicClock``.
    var startedAt: Int64 = 0
    /// When it last sent something, for heartbeats.
    var spokeAt: Int64 = 0
    /// When its connection was lost, for those who measure how long a return takes.
    var leftAt: Int64 = 0
    /// When it set out to come back.
    var returnedAt: Int64 = 0

    // What the crowd keeps of it.

    enum Stage {
        /// Connecting, or waiting for answers to its joins.
        case arriving
        /// Let in everywhere.
        case joined
        /// Not let in somewhere, or gone before it was.
        case refused
    }

    var stage = Stage.arriving

    /// Topics whose join is not answered yet.
    var unansweredJoins = 0
    var refusedJoins = 0
    /// Whether its first arrival has been counted, which ``Crowd`` does once.
    var isCounted = false

    /// As before the first connect; what it has seen is kept by others.
    func forgetConnection() {
        socket = nil
        handshake = nil
        hasEnded = false
        decoder = FrameDecoder(role: .client, inflates: false)
        unsent = []
        stage = .arriving
        unansweredJoins = 0
        refusedJoins = 0
    }

    init(index: Int) {
        self.index = index
    }
}
