import Basics
import EventLoop
import Postgres
import PubSub
import RoomContract

/// Follows `rollcall.access_changes`, so that a revocation takes hold within a second.
///
/// It asks for what was committed since its last snapshot, every 500 ms and at once when woken.
/// A snapshot misses nothing, in whatever order transactions commit; ids and times would.
///
///     lost ──answer──▶ following ──error──▶ lost
final class AccessTail {
    /// What the tail found out.
    enum Event {
        case changes([AccessChange])
        /// False from the first question that failed until one is answered: what is cached may
        /// be wrong, so nobody new may be admitted.
        case isFollowing(Bool)
        /// The database began another life; everything is forgotten by a change that says so.
        case epochChanged
    }

    private let loop: EventLoop
    private let session: PostgresSession
    private let longestAbsence: Duration
    private let onEvent: (Event) -> Void
    private var seen: String?
    private var epoch: String?
    private var answeredAt: Instant
    private var cleanedAt: Instant
    private var isAsking = false
    private var mustAskAgain = false
    private var isFollowing = false
    private var sweep: LoopTimer?

    /// - Parameters:
    ///   - session: a connection that listens to ``channel``; its owner calls ``wake()`` when it
    ///     is notified and when it comes up.
    ///   - longestAbsence: how long the tail may go without an answer and still trust that no
    ///     change was cleaned up meanwhile. 30 minutes: half of what is kept, which leaves room
    ///     for clocks that differ.
    init(
        loop: EventLoop, session: PostgresSession, longestAbsence: Duration = .seconds(1_800),
        onEvent: @escaping (Event) -> Void
    ) {
        self.loop = loop
        self.session = session
        self.longestAbsence = longestAbsence
        self.onEvent = onEvent
        answeredAt = loop.now
        cleanedAt = loop.now
        sweep = loop.schedule(after: AccessTail.interval, repeating: AccessTail.interval) {
            [weak self] in self?.wake()
        }
    }

    func close() {
        sweep?.cancel()
    }

    /// Looks now, or once more after the look that is under way.
    func wake() {
        guard !isAsking else {
            mustAskAgain = true
            return
        }
        isAsking = true
        mustAskAgain = false
        if let seen {
            session.execute(AccessTail.follow, [.text(seen)]) { [weak self] in self?.receive($0) }
        } else {
            session.execute(AccessTail.begin) { [weak self] in self?.receive($0) }
        }
    }

    private func receive(_ result: Result<PostgresRows, PostgresError>) {
        isAsking = false
        switch result {
        case .failure:
            setFollowing(false)
        case .success(let rows):
            take(rows)
            setFollowing(true)
            cleanUp()
            if mustAskAgain { wake() }
        }
    }

    /// Every answer has at least one row, whose first two columns are those of all.
    private func take(_ rows: PostgresRows) {
        let wasAway = answeredAt.duration(to: loop.now) > longestAbsence
        answeredAt = loop.now
        let life = rows.text(0, 1)
        let isSameLife = epoch == nil || epoch == life
        epoch = life
        guard isSameLife, !wasAway || seen == nil else {
            // The changes of another life of the database, or those cleaned up meanwhile, cannot
            // be known.
            seen = nil
            mustAskAgain = true
            onEvent(.changes([AccessChange(person: nil, topic: nil)]))
            if !isSameLife { onEvent(.epochChanged) }
            return
        }
        seen = rows.text(0, 0)
        let changes = (0..<rows.count).compactMap { AccessTail.change(in: rows, $0) }
        if !changes.isEmpty { onEvent(.changes(changes)) }
    }

    private static func change(in rows: PostgresRows, _ row: Int) -> AccessChange? {
        guard rows.bool(row, 2) else { return nil }
        // A topic that has no valid name names nobody's room; the person's facts may still have
        // changed, so the change widens to all about them.
        return AccessChange(
            person: rows.optionalText(row, 3),
            topic: rows.optionalText(row, 4).flatMap(TopicName.init))
    }

    private func setFollowing(_ value: Bool) {
        guard value != isFollowing else { return }
        isFollowing = value
        onEvent(.isFollowing(value))
    }

    /// Every server does this; whoever comes second finds nothing to delete.
    private func cleanUp() {
        guard cleanedAt.duration(to: loop.now) > AccessTail.cleaningInterval else { return }
        cleanedAt = loop.now
        session.execute(AccessTail.forget, [.int8(AccessTail.keptSeconds)]) { _ in
            // It is tried again at the next interval; until then the table is a little larger.
        }
    }

    /// The channel on which the database wakes the tail.
    static let channel = "rollcall_access"

    /// A lost wake-up delays a revocation by this much: half of the second that is promised.
    private static let interval: Duration = .milliseconds(500)

    /// How long changes are kept for servers that were away, and how often older ones are deleted.
    private static let keptSeconds: Int64 = 3_600
    private static let cleaningInterval: Duration = .seconds(600)

    private static let begin = PostgresStatement(
        "begin_access_tail",
        """
        select pg_current_snapshot()::text, epoch, false, null::text, null::text
        from rollcall.server
        """)

    private static let follow = PostgresStatement(
        "access_tail",
        """
        select seen::text, epoch, at is not null, person, topic
        from rollcall.access_tail($1::text::pg_snapshot)
        """)

    private static let forget = PostgresStatement(
        "forget_access_changes",
        "select rollcall.forget_access_changes($1::bigint * interval '1 second')")
}
