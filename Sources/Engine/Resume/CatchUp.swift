package import Basics

/// One subscription's way from its position to the live stream.
///
///     new ──start──▶ confirming ──head is known──▶ replaying ──at the tail──▶ live
///      │                                            ▲  │  ▲                     │
///      └────────────────────────────────────────────┘  │  └──────rewind─────────┘
///                                               failed ▼ │ time is up
///                                                     waiting
///
/// *Confirming*: the position is ahead of the local tail, which may lag behind the log; only the
/// log's head tells whether the position is real. *Replaying*: one page is asked for. *Waiting*:
/// the last page failed. *Live*: everything up to the tail was handed out; deliveries follow.
///
/// While it is not live, deliveries pass the subscription by: the tail remembers them, and replay
/// goes on until it has reached the tail. In the turn in which it answers `live`, the subscription
/// must join the deliveries after ``position``, and none up to it.
///
/// Replay is paced by the caller, who asks the log for a page only when the outbox has room.
package struct CatchUp {
    /// What is to be done next.
    package enum Action: Equatable {
        /// Nothing: something is under way, or the answer was an old one.
        case none
        /// Ask the log for the topic's head; answer with `headConfirmed`.
        case confirmHead
        /// Ask for this range, all of it; answer with `pageArrived` or `pageFailed`.
        case replay(ClosedRange<Int64>)
        /// Caught up: deliveries with `seq` greater than ``position`` follow.
        case live
    }

    /// The verdict to tell, if one is due, and what to do behind it.
    package struct Step: Equatable {
        package let verdict: ResumeVerdict?
        package let action: Action
    }

    private enum State: Equatable {
        case new
        case confirming
        case replaying(ClosedRange<Int64>)
        case waiting(until: Instant)
        case live
    }

    /// The `seq` of the last entry handed out.
    package private(set) var position: Int64 = 0
    private var state = State.new
    private var failures = 0
    /// How many entries follow a reset.
    private var newest = Int64(CatchUp.newestAfterReset)

    package init() {}

    /// Most entries replayed in one resume: 500. A reader further behind gets the newest page
    /// and a gap it can page through when somebody scrolls there.
    package static let maximumReplay: Int64 = 500
    /// Entries of one page: 200, the largest history page clients may ask for.
    package static let resumePage: Int64 = 200
    /// Entries that follow a reset unless the subscriber asks for more or less: what fills a
    /// screen, as for the first page of a history.
    package static let newestAfterReset = 20
    /// 100 ms, doubled with every failure in a row up to 5 s.
    package static let firstBackoff: Duration = .milliseconds(100)
    /// The longest time between two askings for the same page.
    package static let longestBackoff: Duration = .seconds(5)

    /// True once deliveries follow by themselves.
    package var isLive: Bool { state == .live }

    /// When ``timePassed(tail:at:)`` wants to be called; nil while nothing waits for time.
    package var nextDeadline: Instant? {
        switch state {
        case .waiting(let until): until
        case .new, .confirming, .replaying, .live: nil
        }
    }

    /// Begins. `tail` is the topic's tail on this node, `epoch` the database's.
    ///
    /// The step has no verdict yet when the head must be confirmed first.
    package mutating func start(_ start: ResumeStart, tail: Int64, epoch: Epoch) -> Step {
        precondition(state == .new, "a catch-up starts once")
        switch start {
        case .history(let count):
            let wanted = CatchUp.page(count)
            position = tail - min(wanted, tail)
            return Step(verdict: .fresh(history: Int(wanted)), action: advance(tail: tail))
        case .position(let wanted, let count):
            newest = CatchUp.page(count)
            guard wanted.epoch == epoch else { return reset(tail: tail) }
            position = wanted.seq
            guard wanted.seq > tail else { return resume(tail: tail) }
            state = .confirming
            return Step(verdict: nil, action: .confirmHead)
        }
    }

    /// The log's head, asked for because the position was ahead of the tail.
    package mutating func headConfirmed(_ head: Int64, tail: Int64) -> Step {
        precondition(state == .confirming, "nobody asked for the head")
        return position > max(head, tail) ? reset(tail: tail) : resume(tail: tail)
    }

    /// The entries of `range`. Returns those to hand out, and what to do next.
    ///
    /// The answer to a range that a rewind has overtaken is ignored. A page with a hole counts up
    /// to the hole and as a failure from there.
    package mutating func pageArrived(
        _ range: ClosedRange<Int64>, _ entries: [Entry], tail: Int64, at now: Instant
    ) -> (entries: [Entry], action: Action) {
        guard state == .replaying(range) else { return ([], .none) }
        var page: [Entry] = []
        for entry in entries where entry.seq == position + 1 && entry.seq <= range.upperBound {
            position = entry.seq
            page.append(entry)
        }
        guard position == range.upperBound else {
            wait(from: now)
            return (page, .none)
        }
        failures = 0
        return (page, advance(tail: tail))
    }

    /// The page of `range` could not be read; it will be asked for again.
    package mutating func pageFailed(_ range: ClosedRange<Int64>, at now: Instant) {
        guard state == .replaying(range) else { return }
        wait(from: now)
    }

    /// Asks again when the time of the last failure is over.
    package mutating func timePassed(tail: Int64, at now: Instant) -> Action {
        guard case .waiting(let until) = state, now >= until else { return .none }
        return advance(tail: tail)
    }

    /// Goes back to behind `seq`, because what followed was discarded from a slow reader's outbox.
    ///
    /// Entries up to `seq` were sent. A verdict comes only when the way has become too long.
    package mutating func rewind(to seq: Int64, tail: Int64) -> Step {
        precondition(state != .new && state != .confirming, "nothing was handed out yet")
        position = min(seq, position)
        let step = resume(tail: tail)
        return step.verdict == .resumed ? Step(verdict: nil, action: step.action) : step
    }

    /// Notes a live delivery; false when the entry is not the next one and must not be sent.
    package mutating func delivered(_ seq: Int64) -> Bool {
        guard state == .live, seq > position else { return false }
        position = seq
        return true
    }

    private mutating func resume(tail: Int64) -> Step {
        let missing = tail - position
        guard missing > CatchUp.maximumReplay else {
            return Step(verdict: .resumed, action: advance(tail: tail))
        }
        let from = position + 1
        position = tail - CatchUp.resumePage
        return Step(
            verdict: .gap(from: from, to: position), action: advance(tail: tail))
    }

    private mutating func reset(tail: Int64) -> Step {
        position = tail - min(tail, newest)
        return Step(verdict: .reset, action: advance(tail: tail))
    }

    private static func page(_ count: Int) -> Int64 {
        min(max(0, Int64(count)), resumePage)
    }

    private mutating func advance(tail: Int64) -> Action {
        guard position < tail else {
            state = .live
            return .live
        }
        let range = position + 1...position + min(tail - position, CatchUp.resumePage)
        state = .replaying(range)
        return .replay(range)
    }

    private mutating func wait(from now: Instant) {
        let backoff = CatchUp.firstBackoff * (1 << min(failures, 10))
        failures += 1
        state = .waiting(until: now.advanced(by: min(backoff, CatchUp.longestBackoff)))
    }
}
