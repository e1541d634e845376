package import Basics
package import PubSub

/// What an entry of a topic's log records. The raw values are stored; never renumber them.
package enum EntryKind: Int16, Sendable, CaseIterable {
    /// A message somebody wrote; the only kind that counts as unread.
    case post = 1
}

/// One committed entry of a topic's log.
package struct Entry: Sendable, Equatable {
    /// 1, 2, 3 … for the life of the topic, without a gap.
    package let seq: Int64
    /// The number of posts up to and including this entry; unread is a difference of ordinals.
    package let ordinal: Int64
    package let kind: EntryKind
    /// Who wrote it, as the access token calls them; empty for the system.
    package let sender: String
    /// The sender's own id of it, which makes a retry the same entry.
    package let clientID: String
    /// A JSON object, byte for byte as the room built it.
    package let body: [UInt8]
    package let createdAt: Timestamp

    package init(
        seq: Int64, ordinal: Int64, kind: EntryKind, sender: String, clientID: String,
        body: [UInt8], createdAt: Timestamp
    ) {
        self.seq = seq
        self.ordinal = ordinal
        self.kind = kind
        self.sender = sender
        self.clientID = clientID
        self.body = body
        self.createdAt = createdAt
    }
}

/// An entry before the database has numbered it.
package struct EntryDraft: Sendable, Equatable {
    package let topic: TopicName
    package let kind: EntryKind
    package let sender: String
    /// 1 to 64 bytes; unique for ever for this sender and topic.
    package let clientID: String
    package let body: [UInt8]
    /// What the sender itself said: a retry is the same where this is the same. The body may also
    /// hold what changes between two tries, such as the sender's name or role.
    package let said: [UInt8]

    /// `said` nil: the whole body.
    package init(
        topic: TopicName, kind: EntryKind, sender: String, clientID: String, body: [UInt8],
        said: [UInt8]? = nil
    ) {
        self.topic = topic
        self.kind = kind
        self.sender = sender
        self.clientID = clientID
        self.body = body
        self.said = said ?? body
    }
}

/// The database's answer to one draft of a batch.
package enum AppendVerdict: Sendable, Equatable {
    /// Stored now, or earlier under the same sender and client id with the same content.
    case stored(Receipt)
    /// The same sender and client id were used before, with another content. Nothing is stored.
    case conflict
}

/// Proof that an entry is committed.
package struct Receipt: Sendable, Equatable {
    package let seq: Int64
    package let ordinal: Int64
    package let createdAt: Timestamp
    /// True when this draft had already been stored by an earlier append.
    package let isRepeat: Bool

    package init(seq: Int64, ordinal: Int64, createdAt: Timestamp, isRepeat: Bool) {
        self.seq = seq
        self.ordinal = ordinal
        self.createdAt = createdAt
        self.isRepeat = isRepeat
    }
}

/// How far a topic's log has come.
package struct Head: Sendable, Equatable {
    package let seq: Int64
    package let ordinal: Int64

    package init(seq: Int64, ordinal: Int64) {
        self.seq = seq
        self.ordinal = ordinal
    }

    /// The head of a topic in which nothing has been said.
    package static let empty = Head(seq: 0, ordinal: 0)
}
