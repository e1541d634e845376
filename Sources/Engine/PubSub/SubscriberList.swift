/// The subscribers of one topic on one loop: dense, in no promised order, walked in chunks.
///
///     resting ──beginWalk──▶ walking ──visitChunk──▶ walking … ──false──▶ resting
///
/// *Resting*: there are no tombstones; a leaver's place is taken by the last one.
/// *Walking*: nobody moves. A leaver becomes a tombstone; who joins stands behind the end of the
/// walk and is not part of it. Coming to rest closes the ranks.
struct SubscriberList {
    private enum State {
        case resting
        /// The next place to visit, and the end as it was when the walk began.
        case walking(next: Int, end: Int)
    }

    private var records: ContiguousArray<Subscription> = []
    private var state = State.resting
    private var tombstones = 0

    /// How many subscribe now.
    var count: Int { records.count - tombstones }

    var isWalking: Bool {
        switch state {
        case .resting: false
        case .walking: true
        }
    }

    /// The subscription at `place`, or nil when it left during the walk.
    subscript(place: Int) -> Subscription? {
        let record = records[place]
        return record.isTombstone ? nil : record
    }

    /// Cost: one store; no allocation while the list does not grow.
    mutating func update(at place: Int, position: Int64, flags: Subscription.Flags) {
        records[place].position = position
        records[place].flags = flags
    }

    /// Adds a subscription and returns its place.
    mutating func add(_ subscription: Subscription) -> Int {
        records.append(subscription)
        return records.count - 1
    }

    /// Removes the subscription at `place`; returns who stands there now, if somebody was moved.
    mutating func remove(at place: Int) -> SubscriptionID? {
        switch state {
        case .walking:
            records[place].id = .none
            tombstones += 1
            return nil
        case .resting:
            let last = records.removeLast()
            guard place < records.count else { return nil }
            records[place] = last
            return last.id
        }
    }

    /// Begins a walk over those who subscribe now.
    mutating func beginWalk() {
        precondition(!isWalking, "one walk at a time per topic")
        state = .walking(next: 0, end: records.count)
    }

    /// Takes who joined since the walk began into it, as long as nobody was visited.
    mutating func widenWalk() {
        guard case .walking(next: 0, _) = state else { return }
        state = .walking(next: 0, end: records.count)
    }

    /// Visits the next places of the walk, at most `limit`, passing tombstones by; false when the
    /// walk is over.
    ///
    /// `moved` hears of everybody who stands elsewhere once the ranks are closed.
    mutating func visitChunk(
        limit: Int, moved: (SubscriptionID, Int) -> Void, _ visit: (inout Subscription) -> Void
    ) -> Bool {
        guard case .walking(let next, let end) = state else {
            preconditionFailure("a chunk without a walk")
        }
        guard next < end else {
            state = .resting
            closeRanks(moved: moved)
            return false
        }
        let chunk = next..<min(end, next + max(1, limit))
        // One check of the array's ownership a chunk, not one a subscriber.
        var span = records.mutableSpan
        for place in chunk where !span[place].isTombstone {
            visit(&span[place])
        }
        state = .walking(next: chunk.upperBound, end: end)
        return true
    }

    private mutating func closeRanks(moved: (SubscriptionID, Int) -> Void) {
        guard tombstones > 0 else { return }
        var kept = 0
        for place in records.indices where !records[place].isTombstone {
            if kept != place {
                records[kept] = records[place]
                moved(records[kept].id, kept)
            }
            kept += 1
        }
        records.removeLast(records.count - kept)
        tombstones = 0
    }
}
