package import Basics
import PubSub
package import Resume
import RoomContract

/// What would be on PostgreSQL's disk, shared by all servers of a simulation.
///
/// Names are keyed by their bytes: Swift calls two strings equal that differ in bytes only by
/// Unicode normalisation, the database does not. Confined to one thread.
package final class MemoryDatabase {
    /// The identity of this life of the database.
    package let epoch: Epoch

    let clock: () -> Timestamp
    var logs: [Bytes: TopicLog] = [:]
    var cursors: [CursorKey: Int64] = [:]
    var profiles: [Bytes: Profile] = [:]
    var courses: Set<Bytes> = []
    var enrolments: [EnrolmentKey: Enrolment] = [:]
    var outbox: [EntryDraft] = []
    var outboxRowsEver = 0
    var changes: [AccessChange] = []

    /// - Parameter clock: the database's own clock, which stamps entries and ends enrolments.
    package init(epoch: Epoch, clock: @escaping () -> Timestamp) {
        self.epoch = epoch
        self.clock = clock
    }

    /// A name as the database compares it.
    typealias Bytes = [UInt8]

    /// Everything said in one topic.
    struct TopicLog {
        var entries: [Entry] = []
        /// The place in `entries` of each sender's client id.
        var places: [EntryKey: Int] = [:]
        /// What the sender said, for each of `entries`.
        var said: [[UInt8]] = []

        var head: Head {
            entries.last.map { Head(seq: $0.seq, ordinal: $0.ordinal) } ?? .empty
        }
    }

    /// What makes a retry the same entry within its topic.
    struct EntryKey: Hashable {
        let sender: Bytes
        let clientID: Bytes
    }

    /// Does what PostgreSQL's append does, at once.
    func append(_ batch: [EntryDraft]) throws(StorageError) -> [AppendVerdict] {
        for draft in batch {
            try MemoryDatabase.check(draft)
        }
        let now = clock()
        return batch.map { draft in append(draft, at: now) }
    }

    func head(of topic: TopicName) -> Head {
        logs[Bytes(topic.text.utf8)]?.head ?? .empty
    }

    func entries(of topic: TopicName) -> [Entry] {
        logs[Bytes(topic.text.utf8)]?.entries ?? []
    }

    private func append(_ draft: EntryDraft, at now: Timestamp) -> AppendVerdict {
        let key = EntryKey(sender: Bytes(draft.sender.utf8), clientID: Bytes(draft.clientID.utf8))
        let topic = Bytes(draft.topic.text.utf8)
        if let log = logs[topic], let place = log.places[key] {
            let stored = log.entries[place]
            guard stored.kind == draft.kind, log.said[place] == draft.said else { return .conflict }
            return .stored(MemoryDatabase.receipt(for: stored, isRepeat: true))
        }
        let head = logs[topic, default: TopicLog()].head
        let entry = Entry(
            seq: head.seq + 1, ordinal: head.ordinal + (draft.kind == .post ? 1 : 0),
            kind: draft.kind, sender: draft.sender, clientID: draft.clientID, body: draft.body,
            createdAt: now)
        logs[topic, default: TopicLog()].places[key] = logs[topic]?.entries.count ?? 0
        logs[topic, default: TopicLog()].entries.append(entry)
        logs[topic, default: TopicLog()].said.append(draft.said)
        return .stored(MemoryDatabase.receipt(for: entry, isRepeat: false))
    }

    private static func receipt(for entry: Entry, isRepeat: Bool) -> Receipt {
        Receipt(
            seq: entry.seq, ordinal: entry.ordinal, createdAt: entry.createdAt, isRepeat: isRepeat)
    }

    /// Refuses what a PostgreSQL text column refuses.
    private static func check(_ draft: EntryDraft) throws(StorageError) {
        guard draft.body.isText, Bytes(draft.sender.utf8).isText, Bytes(draft.clientID.utf8).isText
        else { throw .rejected("invalid byte sequence for encoding UTF8") }
        guard (1...64).contains(draft.clientID.utf8.count) else {
            throw .rejected("client id has \(draft.clientID.utf8.count) bytes; expected 1 to 64")
        }
    }
}

extension [UInt8] {
    /// Valid UTF-8 without a zero byte.
    fileprivate var isText: Bool {
        !contains(0) && String(validating: self, as: UTF8.self) != nil
    }
}
