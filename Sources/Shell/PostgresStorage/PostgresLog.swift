import EventLoop
import Postgres
package import PubSub
package import Resume

/// The log in PostgreSQL: appends over one connection, reads over two others.
///
/// When the connection ends under an append, the batch is sent again on the next connection
/// until its outcome is known; the drafts' keys make that harmless. A draft that only the lost
/// attempt had stored is then answered as a repeat, which it is to the database.
package final class PostgresLog: MessageLog {
    /// An append that has not been answered.
    private final class Attempt {
        let batch: AppendBatch
        let completion: (Result<[AppendVerdict], StorageError>) -> Void
        /// True once a connection was lost under it: from then on it may be stored.
        var mayBeStored = false

        init(
            _ batch: AppendBatch,
            _ completion: @escaping (Result<[AppendVerdict], StorageError>) -> Void
        ) {
            self.batch = batch
            self.completion = completion
        }
    }

    private let loop: EventLoop
    private let writer: PostgresSession
    private let reader: PostgresSession
    private let lookup: PostgresSession
    private var unresolved: [Attempt] = []

    /// - Parameters:
    ///   - writer: appends only; its owner calls ``writerCameUp()``.
    ///   - reader: pages of entries.
    ///   - lookup: short questions, which must not wait behind a page.
    init(
        loop: EventLoop, writer: PostgresSession, reader: PostgresSession, lookup: PostgresSession
    ) {
        self.loop = loop
        self.writer = writer
        self.reader = reader
        self.lookup = lookup
    }

    package func append(
        _ batch: [EntryDraft],
        completion: @escaping (Result<[AppendVerdict], StorageError>) -> Void
    ) {
        precondition(
            (1...MessageLogLimit.drafts).contains(batch.count), "\(batch.count) drafts at once")
        submit(Attempt(AppendBatch(batch), completion))
    }

    /// Sends again what was under way when the last connection ended.
    func writerCameUp() {
        let attempts = unresolved
        unresolved = []
        for attempt in attempts { submit(attempt) }
    }

    private func submit(_ attempt: Attempt) {
        writer.execute(AppendBatch.statement, attempt.batch.parameters) { [weak self] result in
            self?.settle(attempt, result)
        }
    }

    private func settle(_ attempt: Attempt, _ result: Result<PostgresRows, PostgresError>) {
        switch result {
        case .success(let rows):
            attempt.completion(.success(AppendBatch.verdicts(from: rows)))
        case .failure(.connectionLost):
            attempt.mayBeStored = true
            unresolved.append(attempt)
        case .failure(.notConnected) where attempt.mayBeStored:
            unresolved.append(attempt)
        case .failure(.server(let error)) where error.isRetryable && attempt.mayBeStored:
            loop.schedule(after: PostgresLog.pause) { [weak self] in self?.submit(attempt) }
        case .failure(let error):
            // What is refused now was refused then: nothing of an earlier attempt is stored.
            attempt.completion(.failure(StorageError(error)))
        }
    }

    package func heads(
        of topics: [TopicName], completion: @escaping (Result<[Head], StorageError>) -> Void
    ) {
        precondition(
            (1...MessageLogLimit.topics).contains(topics.count), "\(topics.count) heads at once")
        lookup.execute(PostgresLog.heads, [.textArray(topics.map(\.text))]) { result in
            completion(
                result.storage { rows in
                    (0..<rows.count).map { row in
                        Head(seq: rows.int8(row, 0), ordinal: rows.int8(row, 1))
                    }
                })
        }
    }

    package func entries(
        of topic: TopicName, in range: ClosedRange<Int64>, limit: Int,
        completion: @escaping (Result<[Entry], StorageError>) -> Void
    ) {
        let parameters: [PostgresParameter] = [
            .text(topic.text), .int8(range.lowerBound), .int8(range.upperBound),
            .int8(Int64(limit)),
        ]
        reader.execute(PostgresLog.page, parameters) { result in
            completion(PostgresLog.entries(from: result))
        }
    }

    package func entries(
        of topic: TopicName, before: Int64, limit: Int,
        completion: @escaping (Result<[Entry], StorageError>) -> Void
    ) {
        let parameters: [PostgresParameter] = [
            .text(topic.text), .int8(before), .int8(Int64(limit)),
        ]
        reader.execute(PostgresLog.newest, parameters) { result in
            completion(PostgresLog.entries(from: result).map { $0.reversed() })
        }
    }

    private static func entries(
        from result: Result<PostgresRows, PostgresError>
    ) -> Result<[Entry], StorageError> {
        result.storage { rows throws(StorageError) in
            var entries: [Entry] = []
            for row in 0..<rows.count {
                // Leaving it out would make a gap; a newer server must have written it.
                guard let kind = EntryKind(rawValue: rows.int2(row, 2)) else {
                    throw .rejected("an entry has the unknown kind \(rows.int2(row, 2))")
                }
                entries.append(
                    Entry(
                        seq: rows.int8(row, 0), ordinal: rows.int8(row, 1), kind: kind,
                        sender: rows.text(row, 3), clientID: rows.text(row, 4),
                        body: rows.bytes(row, 5), createdAt: rows.timestamp(row, 6)))
            }
            return entries
        }
    }

    /// The pause before an append is sent again after a refusal that may pass, such as a lock
    /// timeout: long enough not to add to an overload, short against a person's patience.
    private static let pause: Duration = .milliseconds(100)

    private static let heads = PostgresStatement(
        "heads",
        """
        select coalesce(h.last_seq, 0), coalesce(h.last_ordinal, 0)
        from unnest($1::text[]) with ordinality asked(topic, nth)
        left join rollcall.heads h on h.topic = asked.topic
        order by asked.nth
        """)

    private static let page = PostgresStatement(
        "entries_in_range",
        """
        select e.seq, e.ordinal, e.kind, e.sender, e.client_id, e.body, e.created_at
        from rollcall.heads h
        cross join lateral (
            select * from rollcall.entries e
            where e.topic_id = h.topic_id and e.seq between $2 and $3
            order by e.seq
            limit $4
        ) e
        where h.topic = $1
        order by e.seq
        """)

    private static let newest = PostgresStatement(
        "entries_before",
        """
        select e.seq, e.ordinal, e.kind, e.sender, e.client_id, e.body, e.created_at
        from rollcall.heads h
        cross join lateral (
            select * from rollcall.entries e
            where e.topic_id = h.topic_id and e.seq < $2
            order by e.seq desc
            limit $3
        ) e
        where h.topic = $1
        order by e.seq desc
        """)
}
