import Basics
import Phoenix
import PubSub
import Resume
import RoomContract

/// One socket at the edge: whom it speaks for and what it has joined. What waits to be sent is in
/// ``Edge/outboxes``: a delivery comes by without touching this.
///
/// Confined to its loop.
final class EdgeConnection {
    let slot: UInt32
    let version: WireVersion
    /// The client agreed to permessage-deflate.
    let compresses: Bool
    var identity: Identity
    var channels: [Channel] = []
    var allowance = TokenBucket()
    /// How many more messages were over the limit than within it, never below zero.
    var excess: Int32 = 0
    var lastHeard: Instant
    /// When it was last seen that the kernel had taken bytes, or nothing waited.
    var lastProgress: Instant
    /// The server has decided to end it: what the client still says is not heard.
    var isClosing = false

    init(
        slot: UInt32, version: WireVersion, compresses: Bool, identity: Identity, now: Instant
    ) {
        self.slot = slot
        self.version = version
        self.compresses = compresses
        self.identity = identity
        lastHeard = now
        lastProgress = now
    }

    func dialect(ofAlias isAlias: Bool) -> Dialect {
        Dialect(version: version, isAlias: isAlias, isCompressed: compresses)
    }

    func channelIndex(serial: UInt64) -> Int? {
        channels.firstIndex { $0.serial == serial }
    }

    func channelIndex(number: UInt32) -> Int? {
        channels.firstIndex { $0.number == number }
    }

    func channelIndex(wireTopic: String) -> Int? {
        channels.firstIndex { $0.wireTopic.utf8.elementsEqual(wireTopic.utf8) }
    }
}

/// One topic a connection has joined, or is joining.
struct Channel {
    enum Phase {
        /// In a box of its own: what was asked for is a hundred bytes that nobody needs once the
        /// join is answered.
        indirect case joining(JoinParameters, replyTo: Ref?)
        case joined(TopicIndex, SubscriptionID)
    }

    /// The topic as the client wrote it.
    private(set) var wireTopic: String
    private(set) var topic: TopicName
    /// `wireTopic` is `realtime:` before the name of a room.
    let isAlias: Bool
    /// Replies to broadcasts are sent only to clients that asked for them.
    let acks: Bool
    let joinRef: Ref?
    /// The member's serial at the home.
    let serial: UInt64
    var phase: Phase

    init(
        wireTopic: String, topic: TopicName, isAlias: Bool, joinRef: Ref?, serial: UInt64,
        acks: Bool, phase: Phase
    ) {
        self.wireTopic = wireTopic
        self.topic = topic
        self.isAlias = isAlias
        self.joinRef = joinRef
        self.serial = serial
        self.acks = acks
        self.phase = phase
    }

    /// Keeps the loop's own copy of the name instead of one of this channel's.
    mutating func share(_ name: TopicName) {
        topic = name
        if !isAlias { wireTopic = name.text }
    }

    /// What subscriptions call the channel.
    var number: UInt32 { UInt32(truncatingIfNeeded: serial) }
}
