/// Frames on their way to many connections: in a row, built once, and shared by every outbox that
/// takes all of them.
package struct Parcel: Sendable {
    /// The frames without a gap.
    package private(set) var bytes: [UInt8] = []
    /// Their kinds name no channel: each outbox says of which channel they are there.
    private(set) var frames: [QueuedFrame] = []

    package init() {}

    /// How many frames there are.
    package var count: Int { frames.count }

    /// Adds a frame of at least one byte. A parcel's first frame is not copied.
    package mutating func append(_ frame: [UInt8], _ kind: FrameKind) {
        precondition(!frame.isEmpty, "a frame has bytes")
        if bytes.isEmpty { bytes = frame } else { bytes.append(contentsOf: frame) }
        frames.append(QueuedFrame(kind: kind, end: UInt32(bytes.count)))
    }
}

/// What a queued frame carries, as far as discarding it is concerned.
package enum FrameKind: Sendable, Equatable {
    /// An answer or a control frame: somebody waits for it, so it is never discarded.
    case reply
    /// Something of the moment; discarding it loses no more than the moment.
    case event
    /// A presence diff of a channel, which needs a whole state once it is discarded.
    case presence(channel: UInt32)
    /// A durable entry; discarding it rewinds the channel to just before `seq`.
    case entry(channel: UInt32, seq: Int64)

    var isDiscardable: Bool {
        switch self {
        case .reply: false
        case .event, .presence, .entry: true
        }
    }

    /// The same of another channel.
    package func on(_ channel: UInt32) -> FrameKind {
        switch self {
        case .reply, .event: self
        case .presence: .presence(channel: channel)
        case .entry(_, let seq): .entry(channel: channel, seq: seq)
        }
    }
}

/// A frame in a buffer: what it is and where it ends.
struct QueuedFrame: Sendable {
    var kind: FrameKind
    var end: UInt32
}
