/// Counts durations in buckets whose width follows the value, so that microseconds and minutes
/// keep the same relative error in a few kilobytes.
///
/// Each power of two is cut into 128 buckets: what is read back is at most 1/128, so 0.8 %, above
/// what was recorded, and never below. Below 256 ns it is exact. The largest and the smallest
/// value are kept exactly. The idea is HdrHistogram's (Gil Tene).
struct Histogram: Sendable {
    /// 128 buckets per power of two: 0.8 % is far below the noise of any machine.
    private static let precisionBits = 7

    /// 2.4 hours; longer durations are counted there, `maximum` still tells them.
    private static let longestNanoseconds: Int64 = 1 << 43

    private var counts: [UInt64]
    private(set) var count: UInt64 = 0
    private(set) var maximum: Int64 = 0
    private(set) var minimum: Int64 = .max

    init() {
        counts = Array(
            repeating: 0, count: Histogram.bucket(of: Histogram.longestNanoseconds) + 1)
    }

    var isEmpty: Bool { count == 0 }

    /// Counts one duration; what is negative, between clocks that disagree, counts as nothing.
    mutating func record(_ nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        counts[Histogram.bucket(of: min(value, Histogram.longestNanoseconds))] += 1
        count += 1
        maximum = max(maximum, value)
        minimum = min(minimum, value)
    }

    /// Adds what another one counted. Percentiles of several generators come from the merged
    /// histogram; an average of percentiles means nothing.
    mutating func merge(_ other: Histogram) {
        for (bucket, count) in other.counts.enumerated() { counts[bucket] += count }
        count += other.count
        maximum = max(maximum, other.maximum)
        minimum = min(minimum, other.minimum)
    }

    /// The buckets that counted something, as `[bucket, count]`, for another process.
    var filledBuckets: [(bucket: Int, count: UInt64)] {
        counts.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
    }

    /// What ``filledBuckets`` of another process says; nil for a bucket that does not exist, or
    /// more than can be counted.
    init?(filledBuckets: [(bucket: Int, count: UInt64)], minimum: Int64, maximum: Int64) {
        self.init()
        for (bucket, number) in filledBuckets {
            guard counts.indices.contains(bucket) else { return nil }
            let (sum, overflows) = count.addingReportingOverflow(number)
            guard !overflows else { return nil }
            counts[bucket] = number
            count = sum
        }
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The duration that `percent` of all do not exceed, in nanoseconds; 0 when nothing was
    /// counted. `percent` lies between 0 and 100.
    func percentile(_ percent: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let rank = max(1, UInt64((percent / 100 * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return min(Histogram.highest(in: bucket), maximum) }
        }
        return maximum
    }

    /// Below 256 each value has its own bucket; above, the top eight bits choose it.
    private static func bucket(of value: Int64) -> Int {
        let magnitude = Int64.bitWidth - 1 - value.leadingZeroBitCount
        let shift = max(0, magnitude - precisionBits)
        return shift << precisionBits + Int(value >> shift)
    }

    private static func highest(in bucket: Int) -> Int64 {
        let shift = max(0, bucket >> precisionBits - 1)
        let leading = Int64(bucket - shift << precisionBits)
        return (leading + 1) << shift - 1
    }
}
