package import Basics

/// Delivery by the tail of one topic, at its home: every entry once, in order, without a hole,
/// whatever order the news comes in.
///
///     following ──news beyond tail + 1──▶ fetching ──filled──▶ following
///                                          │    ▲
///                                        failed │ time is up
///                                          ▼    │
///                                         waiting
///
/// *Following*: everything known to be committed was delivered. *Fetching*: one range of the log is
/// on its way; entries beyond the hole are held. *Waiting*: the last fetch failed; the next one
/// has its time.
///
/// News are entries committed here (``committed(_:at:)``) and heads seen elsewhere
/// (``headMoved(to:at:)``). Either may be lost, repeated or early: a later one mends it.
///
/// *Limits*: ``maximumHeld`` entries and ``maximumHeldBytes`` are held; what does not fit is
/// fetched again when its turn comes.
package struct TopicTail {
    /// What is to be done, in this order.
    package struct Actions: Equatable {
        /// Entries to deliver now, ascending, contiguous with all that was delivered before.
        package var deliver: [Entry] = []
        /// A range to ask the log for; answer with `fetched` or `fetchFailed`.
        package var fetch: ClosedRange<Int64>?
    }

    private enum State: Equatable {
        case following
        case fetching(ClosedRange<Int64>)
        case waiting(until: Instant)
    }

    /// The `seq` of the last entry delivered.
    package private(set) var tail: Int64
    /// The highest `seq` known to be committed.
    package private(set) var head: Int64
    private var state = State.following
    /// Entries beyond a hole, ascending, without repeats.
    private var held: [Entry] = []
    private var heldBytes = 0
    private var failures = 0

    /// Begins behind `tail`, the head of the log when the topic came to life here.
    package init(tail: Int64) {
        self.tail = tail
        head = tail
    }

    /// 256 entries: more than half a batch of one topic's own writers; beyond that reading again
    /// is cheaper than keeping.
    package static let maximumHeld = 256
    /// 1 MiB of entries held: four of the largest.
    package static let maximumHeldBytes = 1 << 20
    /// 500 entries in one fetch: one page of the log.
    package static let fetchPage: Int64 = 500
    /// 50 ms, doubled with every failure in a row up to 5 s: a restarting database is back in a
    /// second or two, and a topic should not be the one that hammers it meanwhile.
    package static let firstBackoff: Duration = .milliseconds(50)
    /// The longest time between two fetches of the same hole.
    package static let longestBackoff: Duration = .seconds(5)

    /// When ``timePassed(at:)`` wants to be called; nil while nothing waits for time.
    package var nextDeadline: Instant? {
        switch state {
        case .following, .fetching: nil
        case .waiting(let until): until
        }
    }

    /// An entry was committed; usually by this loop's own writer.
    ///
    /// Cost: one array of one entry when it is the next one.
    package mutating func committed(_ entry: Entry, at now: Instant) -> Actions {
        guard entry.seq > tail else { return Actions() }
        head = max(head, entry.seq)
        guard entry.seq == tail + 1 else {
            hold(entry)
            return Actions(fetch: nextFetch(at: now))
        }
        tail = entry.seq
        let behind = takeHeld()
        return Actions(
            deliver: behind.isEmpty ? [entry] : [entry] + behind, fetch: nextFetch(at: now))
    }

    /// Somebody saw the topic's head at `seq`.
    package mutating func headMoved(to seq: Int64, at now: Instant) -> Actions {
        guard seq > head else { return Actions() }
        head = seq
        return Actions(fetch: nextFetch(at: now))
    }

    /// The log's answer to the range asked for: ascending entries of it.
    package mutating func fetched(_ entries: [Entry], at now: Instant) -> Actions {
        guard case .fetching(let range) = state else {
            preconditionFailure("an answer without a fetch")
        }
        state = .following
        var deliver: [Entry] = []
        for entry in entries where entry.seq == tail + 1 {
            tail = entry.seq
            deliver.append(entry)
        }
        deliver += takeHeld()
        if tail < range.upperBound {
            // The log does not hold what we were told it does. Believe what we hold ourselves,
            // and ask again later: a head that really moved will be seen again.
            head = max(tail, held.last?.seq ?? tail)
            if tail < head { wait(from: now) }
        } else {
            failures = 0
        }
        return Actions(deliver: deliver, fetch: nextFetch(at: now))
    }

    /// The log did not answer; it will be asked again when its time has come.
    package mutating func fetchFailed(at now: Instant) {
        guard case .fetching = state else { preconditionFailure("a failure without a fetch") }
        wait(from: now)
    }

    /// Asks again when the time of the last failure is over.
    package mutating func timePassed(at now: Instant) -> Actions {
        guard case .waiting(let until) = state, now >= until else { return Actions() }
        state = .following
        return Actions(fetch: nextFetch(at: now))
    }

    /// The range to ask for now, if something is missing and nothing is under way.
    private mutating func nextFetch(at now: Instant) -> ClosedRange<Int64>? {
        switch state {
        case .fetching: return nil
        case .waiting(let until) where now < until && tail < head: return nil
        case .following, .waiting:
            state = .following
            guard tail < head else {
                failures = 0
                return nil
            }
            let hole = min(head, held.first.map { $0.seq - 1 } ?? head)
            let range = tail + 1...min(hole, tail + min(head - tail, TopicTail.fetchPage))
            state = .fetching(range)
            return range
        }
    }

    private mutating func wait(from now: Instant) {
        let backoff = TopicTail.firstBackoff * (1 << min(failures, 10))
        failures += 1
        state = .waiting(until: now.advanced(by: min(backoff, TopicTail.longestBackoff)))
    }

    private mutating func hold(_ entry: Entry) {
        var place = held.endIndex
        while place > 0, held[place - 1].seq >= entry.seq {
            place -= 1
        }
        if place < held.endIndex, held[place].seq == entry.seq { return }
        held.insert(entry, at: place)
        heldBytes += entry.weight
        // The furthest ones are wanted last, and cost least to fetch again.
        while held.count > TopicTail.maximumHeld || heldBytes > TopicTail.maximumHeldBytes {
            heldBytes -= held.removeLast().weight
        }
    }

    /// Moves the tail over held entries that now follow it, and forgets those it has passed.
    private mutating func takeHeld() -> [Entry] {
        guard !held.isEmpty else { return [] }
        var taken: [Entry] = []
        var passed = 0
        while passed < held.count, held[passed].seq <= tail + 1 {
            let entry = held[passed]
            if entry.seq == tail + 1 {
                tail = entry.seq
                taken.append(entry)
            }
            heldBytes -= entry.weight
            passed += 1
        }
        held.removeFirst(passed)
        return taken
    }
}
