package import PubSub
package import Resume
package import RoomContract

/// One server's view of a ``MemoryDatabase``: the ports of the engine and the rooms, for
/// simulations and unit tests.
///
/// It keeps the promises of the ports, checked by the same suite as PostgreSQL's. Latency, order
/// and failures are those of its ``MemoryLink``. Two of them on one database are two servers.
package final class MemoryStorage: MessageLog, AccessDirectory, CursorStore {
    package let database: MemoryDatabase
    package let link: MemoryLink

    /// How far this server has followed the database's access changes.
    private var changesSeen: Int

    package init(database: MemoryDatabase, link: MemoryLink = MemoryLink()) {
        self.database = database
        self.link = link
        changesSeen = database.changes.count
    }

    package func append(
        _ batch: [EntryDraft],
        completion: @escaping (Result<[AppendVerdict], StorageError>) -> Void
    ) {
        precondition(
            (1...MessageLogLimit.drafts).contains(batch.count), "\(batch.count) drafts at once")
        link.send(
            { [database] () throws(StorageError) in try database.append(batch) },
            completion: completion)
    }

    package func heads(
        of topics: [TopicName], completion: @escaping (Result<[Head], StorageError>) -> Void
    ) {
        precondition(
            (1...MessageLogLimit.topics).contains(topics.count), "\(topics.count) heads at once")
        link.send({ [database] in topics.map(database.head(of:)) }, completion: completion)
    }

    package func entries(
        of topic: TopicName, in range: ClosedRange<Int64>, limit: Int,
        completion: @escaping (Result<[Entry], StorageError>) -> Void
    ) {
        link.send(
            { [database] in
                Array(database.entries(of: topic).filter { range.contains($0.seq) }.prefix(limit))
            }, completion: completion)
    }

    package func entries(
        of topic: TopicName, before: Int64, limit: Int,
        completion: @escaping (Result<[Entry], StorageError>) -> Void
    ) {
        link.send(
            { [database] in
                Array(database.entries(of: topic).filter { $0.seq < before }.suffix(limit))
            }, completion: completion)
    }

    package func facts(
        for queries: [AccessQuery],
        completion: @escaping (Result<[AccessFacts], StorageError>) -> Void
    ) {
        precondition(
            (1...AccessQuery.mostPerRequest).contains(queries.count),
            "\(queries.count) questions at once")
        link.send({ [database] in queries.map(database.facts(for:)) }, completion: completion)
    }

    package func cursor(
        of person: String, in topic: TopicName,
        completion: @escaping (Result<Int64, StorageError>) -> Void
    ) {
        link.send({ [database] in database.cursor(of: person, in: topic) }, completion: completion)
    }

    package func advanceCursor(
        of person: String, in topic: TopicName, to ordinal: Int64,
        completion: @escaping (Result<Int64, StorageError>) -> Void
    ) {
        link.send(
            { [database] in database.advanceCursor(of: person, in: topic, to: ordinal) },
            completion: completion)
    }

    /// Moves at most `limit` outbox rows into the log; answers the heads this moved.
    package func drainOutbox(
        limit: Int,
        completion: @escaping (Result<[(topic: TopicName, head: Head)], StorageError>) -> Void
    ) {
        link.send(
            { [database] () throws(StorageError) in try database.drain(limit: limit) },
            completion: completion)
    }

    /// Answers the access changes committed since the last successful call, or since this
    /// storage was made.
    package func pollAccessChanges(
        completion: @escaping (Result<[AccessChange], StorageError>) -> Void
    ) {
        link.send(
            { [database] in database.changes },
            completion: { [self] result in
                completion(
                    result.map { changes in
                        let fresh = changes.dropFirst(changesSeen)
                        changesSeen = max(changesSeen, changes.count)
                        return Array(fresh)
                    })
            })
    }
}
