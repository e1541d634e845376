/// Latencies second by second, for charts: when a stall began, and when it was over.
struct Timeline: Sendable {
    struct Second: Sendable {
        var count = 0
        /// Nanoseconds.
        var worst: Int64 = 0
    }

    /// An hour; what comes later is in the histograms only.
    private static let mostSeconds = 3_600

    private(set) var seconds: [Second] = []
    private let start = MonotonicClock.nanoseconds

    /// Counts one delivery that arrived at `now`, on ``MonotonicClock``.
    mutating func record(_ latency: Int64, at now: Int64) {
        let second = Int((now - start) / 1_000_000_000)
        guard (0..<Timeline.mostSeconds).contains(second) else { return }
        while seconds.count <= second { seconds.append(Second()) }
        seconds[second].count += 1
        seconds[second].worst = max(seconds[second].worst, latency)
    }

    /// Adds another generator's, which began at about the same time.
    mutating func merge(_ other: [Second]) {
        for (index, second) in other.enumerated() {
            if index == seconds.count { seconds.append(Second()) }
            seconds[index].count += second.count
            seconds[index].worst = max(seconds[index].worst, second.worst)
        }
    }
}
