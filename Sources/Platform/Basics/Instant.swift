/// A point on the monotonic clock, in nanoseconds since an origin that only one process knows.
///
/// Time is always a parameter: the shell reads the clock once a turn and hands it down, a
/// simulation invents it. Never sent over the wire; see ``Timestamp`` for that.
package struct Instant: Comparable, Hashable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant `duration` later; earlier for a negative one.
    package func advanced(by duration: Duration) -> Instant {
        Instant(nanoseconds: nanoseconds + duration.inNanoseconds)
    }

    /// The time from `self` to `later`; negative when `later` is earlier.
    package func duration(to later: Instant) -> Duration {
        .nanoseconds(later.nanoseconds - nanoseconds)
    }
}

extension Duration {
    /// Whole nanoseconds; the product's durations are far below the 292 years that fit.
    package var inNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Whole milliseconds, rounded down.
    package var inMilliseconds: Int64 {
        inNanoseconds / 1_000_000
    }
}
