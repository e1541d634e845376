package import Basics
package import EventLoop
import Postgres
package import PubSub
package import Resume
package import RoomContract

/// Everything one loop keeps in PostgreSQL, over four connections that come back by themselves.
///
/// *writer* appends · *reader* pages entries · *lookup* answers short questions and follows
/// access changes · *drainer* moves the outbox. Apart, because answers on one connection come in
/// order: a page of history must not hold up a commit, nor a commit a revocation.
package final class PostgresStorage {
    /// What the storage says without being asked.
    package enum Event {
        /// The database was reached and has this epoch: once at the start, and again whenever it
        /// has another, after which every position is void.
        case opened(Epoch)
        /// The database was reached and cannot be used, such as when the schema is missing; it is
        /// tried again. The text is for the operator.
        case unusable(String)
        /// Committed changes of facts, to be forgotten from every cache.
        case accessChanges([AccessChange])
        /// Whether changes of facts are being heard; nobody new may be admitted while not.
        case isFollowingAccess(Bool)
        /// Entries that applications published were committed to these topics.
        case published([(topic: TopicName, head: Head)])
    }

    package let log: PostgresLog
    package let directory: PostgresDirectory
    package let cursors: PostgresCursors
    /// Nil until the database was reached for the first time.
    package private(set) var epoch: Epoch?

    private let loop: EventLoop
    private let messages: Log
    private let onEvent: (Event) -> Void
    private let sessions: Sessions
    private var tail: AccessTail?
    private var drainer: OutboxDrainer?

    /// Starts connecting; ``Event/opened(_:)`` follows once the database answers.
    ///
    /// - Parameters:
    ///   - address: a libpq connection string.
    ///   - name: tells this loop's connections apart in `pg_stat_activity`.
    ///   - onEvent: never called before this returns.
    package init(
        loop: EventLoop, address: String, name: String = "rollcall", messages: Log,
        onEvent: @escaping (Event) -> Void
    ) {
        let sessions = Sessions(loop: loop, address: address, name: name, messages: messages)
        self.loop = loop
        self.messages = messages
        self.onEvent = onEvent
        self.sessions = sessions
        log = PostgresLog(
            loop: loop, writer: sessions.writer, reader: sessions.reader, lookup: sessions.lookup)
        directory = PostgresDirectory(session: sessions.lookup)
        cursors = PostgresCursors(session: sessions.lookup)
        tail = AccessTail(loop: loop, session: sessions.lookup) { [weak self] event in
            switch event {
            case .changes(let changes): self?.onEvent(.accessChanges(changes))
            case .isFollowing(let value): self?.onEvent(.isFollowingAccess(value))
            case .epochChanged: self?.loadEpoch()
            }
        }
        drainer = OutboxDrainer(
            loop: loop, session: sessions.drainer, log: messages
        ) { [weak self] moved in self?.onEvent(.published(moved)) }
        sessions.onEvent = { [weak self] role, event in self?.handle(event, of: role) }
    }

    /// Ends all connections. Appends whose outcome is unknown are never answered.
    package func close() {
        tail?.close()
        drainer?.close()
        sessions.close()
    }

    /// True while every connection is there.
    package var isUp: Bool { sessions.areUp }

    /// How many published rows wait to be moved into the log.
    package func outboxDepth(completion: @escaping (Result<Int64, StorageError>) -> Void) {
        sessions.lookup.execute(PostgresStorage.depth) { result in
            completion(result.storage { rows in rows.int8(0, 0) })
        }
    }

    private func handle(_ event: PostgresSession.Event, of role: Sessions.Role) {
        switch (event, role) {
        case (.up, .writer): log.writerCameUp()
        case (.up, .lookup):
            loadEpoch()
            tail?.wake()
        case (.notification, .lookup): tail?.wake()
        case (.up, .drainer), (.notification, .drainer): drainer?.wake()
        case (.down, .lookup): tail?.wake()
        case (.up, .reader), (.down, _), (.notification, _): break
        }
    }

    private func loadEpoch() {
        sessions.lookup.execute(PostgresStorage.server) { [weak self] result in
            self?.receiveEpoch(result)
        }
    }

    private func receiveEpoch(_ result: Result<PostgresRows, PostgresError>) {
        switch result {
        case .success(let rows):
            guard rows.count == 1, let epoch = Epoch(rows.text(0, 0)) else {
                reportUnusable("rollcall.server has no valid epoch")
                return
            }
            guard epoch != self.epoch else { return }
            self.epoch = epoch
            onEvent(.opened(epoch))
        case .failure(.server(let error)):
            reportUnusable("\(error.message) (\(error.sqlState))")
        case .failure(.notConnected), .failure(.connectionLost):
            break  // The next connection loads it.
        }
    }

    private func reportUnusable(_ reason: String) {
        onEvent(.unusable(reason))
        loop.schedule(after: .seconds(1)) { [weak self] in self?.loadEpoch() }
    }

    private static let server = PostgresStatement("server", "select epoch from rollcall.server")

    private static let depth = PostgresStatement(
        "outbox_depth", "select count(*) from rollcall.outbox")
}
