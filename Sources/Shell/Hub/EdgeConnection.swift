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
    /// The server has decided to end it: what the client still says is not heard.
    var isClosing = false
    var identity: Identity
    var channels = FirstInPlace<Channel>()
    var allowance = TokenBucket()
    var lastHeard: Instant
    /// When it was last seen that the kernel had taken bytes, or nothing waited.
    var lastProgress: Instant
    /// How many more messages were over the limit than within it, never below zero.
    var excess: Int32 = 0

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
        channels.firstIndex { $0.isCalled(wireTopic) }
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

    var phase: Phase
    /// The member's serial at the home.
    let serial: UInt64
    /// Once joined, the name that the loop's table holds, shared by all who joined it.
    var topic: TopicName
    let joinRef: Ref?
    /// The client calls it `realtime:` and the name of a room.
    let isAlias: Bool
    /// Replies to broadcasts are sent only to clients that asked for them.
    let acks: Bool

    /// The topic as the client wrote it. Cost: for an alias, a new string.
    var wireTopic: String { isAlias ? Edge.aliasPrefix + topic.text : topic.text }

    /// True when `wireTopic` is what the client calls this channel, byte for byte.
    func isCalled(_ wireTopic: String) -> Bool {
        let name = wireTopic.utf8
        guard isAlias else { return name.elementsEqual(topic.text.utf8) }
        let prefix = Edge.aliasPrefix.utf8
        return name.starts(with: prefix)
            && name.dropFirst(prefix.count).elementsEqual(topic.text.utf8)
    }

    /// What subscriptions call the channel.
    var number: UInt32 { UInt32(truncatingIfNeeded: serial) }
}
