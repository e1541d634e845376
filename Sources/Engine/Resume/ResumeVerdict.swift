/// What a subscriber is told about its beginning or its coming back, before any entry arrives.
package enum ResumeVerdict: Sendable, Equatable {
    /// Every entry after its position follows, once and in order.
    case resumed
    /// Entries `from` to `to` do not follow by themselves: they can be paged. What is newer does.
    case gap(from: Int64, to: Int64)
    /// The position belongs to another life of the log. What was kept of it is void; the newest
    /// entries follow as if it had joined for the first time.
    case reset
    /// A first join; the newest `history` entries follow, or as many as there are.
    case fresh(history: Int)
}

/// Where a subscriber wants to begin.
package enum ResumeStart: Sendable, Equatable {
    /// Behind what it has seen already; with the newest `orNewest` entries where the position is
    /// worth nothing, at most ``CatchUp/resumePage``.
    case position(Position, orNewest: Int = CatchUp.newestAfterReset)
    /// With the newest `count` entries, at most ``CatchUp/resumePage``; 0 for none.
    case history(Int)
}
