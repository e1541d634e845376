package import Basics
package import JSON
package import PubSub
package import Resume

/// A product place behind a topic: who may enter, what they may send, what is kept, who hears it.
///
/// One value per topic lives at the topic's home loop. It decides; it never sees a socket, a
/// frame or SQL. Everything it needs comes in as a parameter, everything it wants goes out as
/// ``Effect``s, so that a room runs in a test without a server.
package protocol Room {
    /// What is the same for every room of this kind.
    static var traits: RoomTraits { get }

    init(topic: TopicName)

    /// Decides whether this identity may be a member now. Asked at every join, at every resume
    /// and whenever the facts change; a refusal then ends the membership.
    func admit(
        _ identity: Identity, facts: AccessFacts, request: JoinRequest
    ) throws(Refusal) -> Admission

    /// Answers one command of a member. Exactly one effect must answer it: `reply`, `append`,
    /// `history`, `markRead`, `track` or `untrack`.
    mutating func handle(
        _ command: Command, from member: Member, at now: Instant
    ) throws(Refusal) -> [Effect]
}

/// What is the same for every room of one kind.
package struct RoomTraits: Sendable {
    /// The part of the topic before the first colon.
    package let topicPrefix: String
    /// True when the topic has a log: positions, history, resume.
    package let isDurable: Bool
    package let presence: PresenceMode
    /// The event a committed post travels as; nil for a room without a log.
    package let postEvent: String?
    /// The event that tells a person how much is unread; nil where nobody counts.
    package let unreadEvent: String?

    package init(
        topicPrefix: String, isDurable: Bool, presence: PresenceMode, postEvent: String?,
        unreadEvent: String?
    ) {
        self.topicPrefix = topicPrefix
        self.isDurable = isDurable
        self.presence = presence
        self.postEvent = postEvent
        self.unreadEvent = unreadEvent
    }
}

/// How people come to be present in a room.
package enum PresenceMode: Sendable {
    case off
    /// By being a member.
    case automatic
    /// By asking for it, as Supabase's clients do.
    case tracked
}

/// Whom a connection speaks for, as its access token says.
package struct Identity: Hashable, Sendable {
    /// The token's `sub`; nil for an anonymous key.
    package let person: String?
    /// When the token ends.
    package let expiresAt: Timestamp

    package init(person: String?, expiresAt: Timestamp) {
        self.person = person
        self.expiresAt = expiresAt
    }
}

/// What a client asked for when it joined, as far as rooms care.
package struct JoinRequest: Sendable, Hashable {
    /// Supabase's `config.private`.
    package let isPrivate: Bool
    /// Supabase's `config.presence.key`; nil where the client gave none.
    package let presenceKey: String?

    package init(isPrivate: Bool, presenceKey: String?) {
        self.isPrivate = isPrivate
        self.presenceKey = presenceKey
    }
}

/// A room's yes.
package struct Admission: Sendable, Equatable {
    package let role: Role?
    package let name: String?
    /// What others see of an automatic member, a JSON object; nil to stay unseen.
    package let presence: [UInt8]?

    package init(role: Role?, name: String?, presence: [UInt8]?) {
        self.role = role
        self.name = name
        self.presence = presence
    }
}

/// One joined channel of one connection. Unique for the life of the process.
package struct MemberID: Hashable, Sendable {
    package let loop: UInt16
    /// The connection's slot on its loop.
    package let slot: UInt32
    /// Counts joins on the loop, so that a slot's next tenant is another member.
    package let serial: UInt64

    package init(loop: UInt16, slot: UInt32, serial: UInt64) {
        self.loop = loop
        self.slot = slot
        self.serial = serial
    }
}

/// A person (or an anonymous key) in a room, by one joined channel.
package struct Member: Sendable {
    package let id: MemberID
    package let identity: Identity
    package let role: Role?
    package let name: String?

    package init(id: MemberID, identity: Identity, role: Role?, name: String?) {
        self.id = id
        self.identity = identity
        self.role = role
        self.name = name
    }
}

/// What a member asks of the room.
package struct Command: Sendable {
    package let event: String
    package let payload: Payload

    /// Validated JSON text, or bytes of a client's own.
    package enum Payload: Sendable {
        case json([UInt8])
        /// A binary broadcast under the client's event name.
        case binary(event: String, [UInt8])
    }

    package init(event: String, payload: Payload) {
        self.event = event
        self.payload = payload
    }

    /// The payload as a tree; refuses what is not an object.
    package func object() throws(Refusal) -> JSONValue {
        guard case .json(let bytes) = payload else {
            throw Refusal(.invalidPayload, "\(event) takes a JSON object, not binary data")
        }
        // Reading a megabyte takes a loop 13 ms, which nothing a room takes is worth.
        guard bytes.count <= Limits.eventBodyBytes else {
            throw Refusal(
                .tooLarge,
                "the payload of \(event) has \(bytes.count) bytes, the limit is "
                    + "\(Limits.eventBodyBytes)")
        }
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes)
        } catch {
            throw Refusal(.invalidPayload, "the payload of \(event) is not valid JSON")
        }
        guard value.object != nil else {
            throw Refusal(.invalidPayload, "the payload of \(event) must be a JSON object")
        }
        return value
    }
}

/// What a room wants done. The home of the topic does it, in order.
package enum Effect: Sendable {
    /// Answers the command with `ok` and this JSON object.
    case reply([UInt8])
    /// Stores an entry, and answers the command with its position once it is committed. `said`:
    /// the part of it that is the sender's own, by which a retry is known.
    case append(kind: EntryKind, clientID: String, body: [UInt8], said: [UInt8])
    /// Answers the command with a page of the log.
    case history(HistoryPage)
    /// Moves the member's cursor through the entry at `seq` (nil: all), and answers with `unread`.
    case markRead(through: Int64?)
    /// An ephemeral event to the members.
    case broadcast(event: String, payload: [UInt8], to: Audience)
    /// An ephemeral binary broadcast, for members that can read binary frames.
    case broadcastBinary(event: String, payload: [UInt8], to: Audience)
    /// Shows the member under its presence key with this state, a JSON object, and answers.
    case track([UInt8])
    /// Shows the member no more, and answers.
    case untrack

    /// Answers the command with `ok` and nothing to say.
    package static let done = Effect.reply(Array("{}".utf8))
}

/// Who hears an ephemeral event.
package enum Audience: Sendable, Equatable {
    case everyone
    /// All but the member that caused it, unless that member asked to hear itself.
    case others
}

/// Which page of the log.
package struct HistoryPage: Sendable, Equatable {
    /// From where, and which way.
    package enum Direction: Sendable, Equatable {
        /// The newest entries with a lower `seq`.
        case before(Int64)
        /// The oldest entries with a higher `seq`.
        case after(Int64)
        /// The newest entries of all.
        case newest
    }

    package let direction: Direction
    /// 1 to ``Limits/historyMost``.
    package let limit: Int

    package init(direction: Direction, limit: Int) {
        self.direction = direction
        self.limit = limit
    }
}
