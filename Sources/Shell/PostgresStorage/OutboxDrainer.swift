import Basics
import EventLoop
import Postgres
import PubSub
import Resume

/// Moves what applications publish in SQL from the outbox into the log.
///
/// It drains every 500 ms and at once when woken. Of all drainers of a database one works at a
/// time (an advisory lock of the transaction); the others find nothing to do. A drainer that dies
/// in the middle has done nothing.
final class OutboxDrainer {
    private let loop: EventLoop
    private let session: PostgresSession
    private let log: Log
    private let onMoved: ([(topic: TopicName, head: Head)]) -> Void
    private var isDraining = false
    private var mustDrainAgain = false
    private var sweep: LoopTimer?

    /// - Parameters:
    ///   - session: a connection that listens to ``channel``; its owner calls ``wake()`` when it
    ///     is notified and when it comes up.
    ///   - onMoved: the heads of the topics to which entries were committed.
    init(
        loop: EventLoop, session: PostgresSession, log: Log,
        onMoved: @escaping ([(topic: TopicName, head: Head)]) -> Void
    ) {
        self.loop = loop
        self.session = session
        self.log = log
        self.onMoved = onMoved
        sweep = loop.schedule(after: OutboxDrainer.interval, repeating: OutboxDrainer.interval) {
            [weak self] in self?.wake()
        }
    }

    func close() {
        sweep?.cancel()
    }

    /// Drains now, or once more after the drain that is under way.
    func wake() {
        guard !isDraining else {
            mustDrainAgain = true
            return
        }
        isDraining = true
        mustDrainAgain = false
        session.execute(OutboxDrainer.drain, [.int4(OutboxDrainer.batch)]) { [weak self] result in
            self?.receive(result)
        }
    }

    private func receive(_ result: Result<PostgresRows, PostgresError>) {
        isDraining = false
        switch result {
        case .success(let rows):
            let taken = (0..<rows.count).reduce(0) { $0 + rows.int8($1, 3) }
            report(rows)
            if mustDrainAgain || taken >= OutboxDrainer.batch { wake() }
        case .failure(.server(let error)) where !error.isRetryable:
            log.error("the outbox cannot be drained", .init("sqlstate", error.sqlState))
        case .failure:
            break  // The next sweep tries again. What a lost drain moved, followers find by heads.
        }
    }

    private func report(_ rows: PostgresRows) {
        var moved: [(topic: TopicName, head: Head)] = []
        for row in 0..<rows.count {
            let conflicts = rows.int8(row, 4)
            if conflicts > 0 {
                log.warning(
                    "dropped outbox rows whose client_id was used before with another body",
                    .init("topic", rows.text(row, 0)), .init("rows", conflicts))
            }
            guard let topic = TopicName(rows.text(row, 0)) else { continue }
            moved.append((topic, Head(seq: rows.int8(row, 1), ordinal: rows.int8(row, 2))))
        }
        if !moved.isEmpty { onMoved(moved) }
    }

    /// The channel on which the database wakes the drainer.
    static let channel = "rollcall_outbox"

    /// What a lost wake-up may cost; also how soon another server takes over from a dead one.
    private static let interval: Duration = .milliseconds(500)

    /// Rows per transaction. 500 drained 1.7 times as many rows a second as 100 did (19,000 on two
    /// busy cores with 4 ms to a flush), and hold the heads for some 20 ms there.
    private static let batch: Int32 = 500

    private static let drain = PostgresStatement(
        "drain_outbox",
        "select topic, last_seq, last_ordinal, taken, conflicts from rollcall.drain($1)")
}
