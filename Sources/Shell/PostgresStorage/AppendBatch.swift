import Basics
import Crypto
import Postgres
import PubSub
import Resume

/// A batch of drafts in the form that `rollcall.append` takes, and its answer's way back.
struct AppendBatch {
    let parameters: [PostgresParameter]

    /// Cost: one hash of sender and client id and one of the body per draft.
    init(_ drafts: [EntryDraft]) {
        let topics = TopicTable(drafts)
        var counts = [(rows: Int32, posts: Int32)](repeating: (0, 0), count: topics.names.count)
        var nth: [Int32] = []
        var postNth: [Int32] = []
        for (draft, index) in zip(drafts, topics.indexes) {
            counts[Int(index) - 1].rows += 1
            counts[Int(index) - 1].posts += draft.kind == .post ? 1 : 0
            nth.append(counts[Int(index) - 1].rows)
            postNth.append(counts[Int(index) - 1].posts)
        }
        parameters = [
            .textArray(topics.names),
            .int4Array(topics.indexes),
            .int4Array(nth),
            .int4Array(postNth),
            .uuidArray(drafts.map { AppendBatch.key(sender: $0.sender, clientID: $0.clientID) }),
            .uuidArray(drafts.map { AppendBatch.hash(kind: $0.kind, said: $0.said) }),
            .int2Array(drafts.map(\.kind.rawValue)),
            .textArray(drafts.map(\.sender)),
            .textArray(drafts.map(\.clientID)),
            .textArray(drafts.map(\.body)),
        ]
    }

    static let statement = PostgresStatement(
        "append",
        """
        select verdicts, seqs, ordinals, stamps
        from rollcall.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """)

    /// Reads the function's one row.
    static func verdicts(from rows: PostgresRows) -> [AppendVerdict] {
        let verdicts = rows.integers(0, 0)
        let seqs = rows.integers(0, 1)
        let ordinals = rows.integers(0, 2)
        let stamps = rows.timestamps(0, 3)
        return verdicts.indices.map { row in
            guard verdicts[row] != conflict else { return .conflict }
            return .stored(
                Receipt(
                    seq: seqs[row], ordinal: ordinals[row], createdAt: stamps[row],
                    isRepeat: verdicts[row] == repeated))
        }
    }

    /// What `rollcall.entry_key` computes.
    static func key(sender: String, clientID: String) -> PostgresUUID {
        PostgresUUID(firstOf: Digest.sha256(Array(sender.utf8) + [0] + Array(clientID.utf8)))
    }

    /// What `rollcall.entry_hash` computes, of what a retry must repeat.
    static func hash(kind: EntryKind, said: [UInt8]) -> PostgresUUID {
        PostgresUUID(firstOf: Digest.sha256(Array(String(kind.rawValue).utf8) + [0] + said))
    }

    private static let repeated: Int64 = 1
    private static let conflict: Int64 = 2
}

/// The distinct topics of a batch in byte order, and which one each draft belongs to, from 1.
///
/// By bytes, as the database compares: Swift's strings are ordered and equal by Unicode's
/// canonical equivalence, which is another order and calls two of the database's names one.
private struct TopicTable {
    let names: [[UInt8]]
    let indexes: [Int32]

    init(_ drafts: [EntryDraft]) {
        var places: [[UInt8]: Int32] = [:]
        for draft in drafts {
            places[Array(draft.topic.text.utf8)] = 0
        }
        names = places.keys.sorted { $0.lexicographicallyPrecedes($1) }
        for (place, name) in names.enumerated() {
            places[name] = Int32(place) + 1
        }
        indexes = drafts.map { places[Array($0.topic.text.utf8), default: 0] }
    }
}
