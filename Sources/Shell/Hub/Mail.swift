package import Phoenix
package import PubSub
package import Resume
package import RoomContract

/// What loops say to each other. One first-in-first-out mailbox per pair of loops: what a home
/// sends in order arrives in order, and nothing else is promised.
package enum Mail: Sendable {
    case toHome(HomeMail)
    case toEdge(EdgeMail)
}

/// From the edge, where connections are, to the home of a topic, where its commands are ordered.
package enum HomeMail: Sendable {
    case join(JoinMail)
    /// The member asks; `ref` comes back in the answer.
    case command(topic: TopicName, from: MemberID, ref: ReplyTag, Command)
    /// The member left on purpose.
    case leave(topic: TopicName, MemberID)
    /// The member's connection ended without a word, and may come back.
    case lost(topic: TopicName, MemberID)
    /// Facts about people changed, on this node or another.
    case accessChanged([AccessChange])
    /// A member's presence fell behind and wants the whole state.
    case presenceWanted(topic: TopicName, MemberID)
    /// Whether changes of access can be seen at all; while not, nobody new is admitted.
    case accessIsWatched(Bool)
    /// Somebody else (the outbox's drainer) appended to the topic.
    case headMoved(topic: TopicName, seq: Int64)
    /// A service published an ephemeral event over HTTP.
    case publish(topic: TopicName, event: String, Command.Payload)
}

/// A wish to join, with all that the home decides by.
package struct JoinMail: Sendable {
    package let topic: TopicName
    package let member: MemberID
    package let identity: Identity
    package let request: JoinRequest
    /// Under which key the member is shown where presence is tracked by asking.
    package let presenceKey: String

    package init(
        topic: TopicName, member: MemberID, identity: Identity, request: JoinRequest,
        presenceKey: String
    ) {
        self.topic = topic
        self.member = member
        self.identity = identity
        self.request = request
        self.presenceKey = presenceKey
    }
}

/// Which request of a channel an answer belongs to. It travels to the home and back, so that the
/// edge keeps nothing for a request under way.
package struct ReplyTag: Hashable, Sendable {
    /// What the client called its request; nil when it wants no answer.
    package let ref: Ref?
    /// True when the client wants to hear of failures only.
    package let isQuiet: Bool

    package init(ref: Ref?, isQuiet: Bool) {
        self.ref = ref
        self.isQuiet = isQuiet
    }
}

/// From the home of a topic to an edge that has members of it.
package enum EdgeMail: Sendable {
    case admitted(MemberID, Welcome)
    case refused(MemberID, Refusal)
    case answer(MemberID, ReplyTag, Answer)
    /// Committed entries of a durable topic, without a hole since the last ones.
    case deliver(topic: TopicName, [Entry])
    /// An ephemeral event for everybody, or everybody but `cause`.
    case event(topic: TopicName, Event, cause: MemberID?)
    /// An event for some members only.
    case push([MemberID], Event)
    /// The members' room closed to them, for good.
    case removed([MemberID], Refusal)
}

/// The home's yes to a join.
package struct Welcome: Sendable {
    /// Everything up to here is the past; entries behind it follow as `deliver`.
    package let head: Head
    package let role: Role?
    /// What the person has not read, where the room counts.
    package let unread: Int64?
    /// The payload of `presence_state`; nil where the room has no presence.
    package let presence: [UInt8]?
}

/// The outcome of a command.
package enum Answer: Sendable {
    case ok([UInt8])
    case refused(Refusal)
    /// A page of entries, rendered at the edge. `more`: there are others in its direction.
    case page([Entry], more: Bool, head: Head)
    /// Committed.
    case stored(Receipt)
}

/// An ephemeral event on its way to members.
package struct Event: Sendable {
    /// Under which name it travels to Supabase's clients.
    package enum Kind: Sendable {
        /// A room's event; wrapped as a broadcast on an alias.
        case room
        /// Presence and the like, which travel under their own name everywhere.
        case system
    }

    package let name: String
    package let payload: Command.Payload
    package let kind: Kind

    package init(name: String, payload: Command.Payload, kind: Kind) {
        self.name = name
        self.payload = payload
        self.kind = kind
    }
}
