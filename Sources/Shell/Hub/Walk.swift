import Phoenix
import PubSub
import RoomContract
import WebSocket

/// Broadcasts that go to all subscribers of a topic in one walk, so that each connection gets all
/// of them with one system call.
///
/// Most subscribers hear everything: they share one parcel per dialect. The others get the frames
/// they hear one by one.
struct Walk {
    /// Who hears a broadcast, in plain bytes, because it is asked at every delivery.
    private enum Hearers {
        /// Whoever is live and has not had it.
        case entry(seq: Int64)
        case everybody
        /// Everybody, but this channel only if it hears itself.
        case others(connection: UInt32, channel: UInt32)
        /// Whoever asked for presence and has not missed any.
        case presence
    }

    /// Somebody was visited: nothing may be added any more.
    var isUnderWay = false
    /// Events for one member that must not overtake the broadcasts: sent when the walk is over.
    var followers: [(event: Event, member: MemberID)] = []
    private var broadcasts: [Broadcast] = []
    /// By broadcast.
    private var hearers: [Hearers] = []
    /// The `seq` of the last entry; 0 where there is none.
    private var lastSeq: Int64 = 0
    /// By dialect, built when the first subscriber needs it.
    private var parcels: [Parcel?] = Array(repeating: nil, count: Dialect.count)

    /// The walk of no broadcast.
    init() {}

    /// `loop`: where the walk is; who said something on another loop is not among those it visits.
    init(_ broadcasts: [Broadcast], on loop: Int) {
        for broadcast in broadcasts { append(broadcast, on: loop) }
    }

    /// How many broadcasts there are.
    var count: Int { broadcasts.count }

    /// Adds what another walk of the same topic would tell.
    mutating func append(_ other: Walk) {
        broadcasts += other.broadcasts
        hearers += other.hearers
        followers += other.followers
        lastSeq = max(lastSeq, other.lastSeq)
    }

    private mutating func append(_ broadcast: Broadcast, on loop: Int) {
        broadcasts.append(broadcast)
        switch (broadcast.content, broadcast.cause) {
        case (.entry(let seq, _, _, _), _):
            hearers.append(.entry(seq: seq))
            lastSeq = max(lastSeq, seq)
        case (.event(let event), _) where event.kind == .system: hearers.append(.presence)
        case (.event, let cause?) where Int(cause.loop) == loop:
            let channel = UInt32(truncatingIfNeeded: cause.serial)
            hearers.append(.others(connection: cause.slot, channel: channel))
        case (.event, _): hearers.append(.everybody)
        }
    }

    // MARK: One subscriber

    /// Appends what the subscriber hears to its outbox, and moves its position.
    ///
    /// What found no room is in `tally.misfits`; of entries only the first, since the rest comes
    /// again with it.
    ///
    /// Cost, as a rule: the tests of ``isHeardWhole(by:)`` and one append of shared bytes.
    mutating func visit(
        _ subscriber: inout Subscription, _ outboxes: inout OutboxTable, _ deflater: Deflater,
        _ tally: inout Tally
    ) {
        tally.visited += 1
        if isHeardWhole(by: subscriber) {
            let parcel = parcel(Dialect(rawValue: subscriber.dialect), deflater)
            // Nothing that this dialect can carry.
            if parcel.count == 0 { return }
            if outboxes.append(parcel, on: subscriber.channel, to: subscriber.connection) {
                tally.delivered += parcel.count
                subscriber.position = max(subscriber.position, lastSeq)
                return
            }
        }
        visitSingly(&subscriber, &outboxes, deflater, &tally)
    }

    private mutating func visitSingly(
        _ subscriber: inout Subscription, _ outboxes: inout OutboxTable, _ deflater: Deflater,
        _ tally: inout Tally
    ) {
        let dialect = Dialect(rawValue: subscriber.dialect)
        // An entry had no room: those behind it come again with it, in order.
        var hasLostEntry = false
        for index in broadcasts.indices where hears(subscriber, hearers[index]) {
            let frame = broadcasts[index].frame(dialect, deflater)
            guard !frame.isEmpty else { continue }
            let kind = kind(of: hearers[index]).on(subscriber.channel)
            if case .entry = kind, hasLostEntry { continue }
            if outboxes.append(frame, kind, to: subscriber.connection) {
                tally.delivered += 1
                if case .entry(_, let seq) = kind { subscriber.position = seq }
            } else {
                tally.misfits.append((subscriber.connection, kind))
                switch kind {
                case .entry: hasLostEntry = true
                // What changed next says nothing to who has not heard of this.
                case .presence: subscriber.flags.insert(.presenceIsStale)
                case .event, .reply: break
                }
            }
        }
    }

    private func isHeardWhole(by subscriber: Subscription) -> Bool {
        for one in hearers where !hears(subscriber, one) { return false }
        return true
    }

    private func hears(_ subscriber: Subscription, _ hearers: Hearers) -> Bool {
        switch hearers {
        case .entry(let seq):
            !subscriber.flags.contains(.catchingUp) && seq > subscriber.position
        case .everybody: true
        case .others(let connection, let channel):
            subscriber.connection != connection || subscriber.channel != channel
                || subscriber.flags.contains(.hearsItself)
        case .presence:
            subscriber.flags.contains(.wantsPresence)
                && !subscriber.flags.contains(.presenceIsStale)
        }
    }

    private func kind(of hearers: Hearers) -> FrameKind {
        switch hearers {
        case .entry(let seq): .entry(channel: 0, seq: seq)
        case .everybody, .others: .event
        case .presence: .presence(channel: 0)
        }
    }

    /// All frames that the dialect can carry.
    private mutating func parcel(_ dialect: Dialect, _ deflater: Deflater) -> Parcel {
        if let parcel = parcels[Int(dialect.rawValue)] { return parcel }
        var parcel = Parcel()
        for index in broadcasts.indices {
            let frame = broadcasts[index].frame(dialect, deflater)
            if !frame.isEmpty { parcel.append(frame, kind(of: hearers[index])) }
        }
        parcels[Int(dialect.rawValue)] = parcel
        return parcel
    }
}

/// What a chunk of a walk did.
struct Tally {
    /// Subscribers that were visited.
    var visited = 0
    /// Frames that found room.
    var delivered = 0
    /// Frames that found none, by connection. To be dealt with after the chunk: it changes the
    /// subscriptions that are being walked.
    var misfits: [(connection: UInt32, kind: FrameKind)] = []
}
