/// How often something may happen: one each `interval` on average, `burst` at once.
package struct RateLimit: Sendable, Equatable {
    /// The time after which one more is allowed.
    package let interval: Duration
    /// How many are allowed at once after a rest; at least 1.
    package let burst: Int

    package init(interval: Duration, burst: Int) {
        precondition(interval > .zero && burst >= 1, "a rate lets something pass")
        self.interval = interval
        self.burst = burst
    }
}

/// A token bucket in eight bytes: the moment at which it would be full again (the generic cell
/// rate algorithm, ITU-T I.371).
///
/// The limit is a parameter, so that a bucket per person and topic costs no more than its moment.
package struct TokenBucket: Sendable, Equatable {
    /// `Int64.min` when nothing was ever taken.
    private var fullAt: Int64 = .min

    /// A full bucket.
    package init() {}

    /// Takes a token if there is one: nil, or how long to wait for the next.
    package mutating func take(under limit: RateLimit, at now: Instant) -> Duration? {
        let interval = limit.interval.inNanoseconds
        let next = max(fullAt, now.nanoseconds) + interval
        let excess = next - now.nanoseconds - interval * Int64(limit.burst)
        guard excess <= 0 else { return .nanoseconds(excess) }
        fullAt = next
        return nil
    }

    /// True when nothing was taken lately, so that the bucket need not be kept.
    package func isFull(at now: Instant) -> Bool {
        fullAt <= now.nanoseconds
    }
}
