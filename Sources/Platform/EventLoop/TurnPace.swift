/// How long turns take, from two clocks that only grow: the time, and the part of it that the
/// loop slept.
struct TurnPace {
    private var turnStart: Int64
    private var idleAtStart: UInt64
    private var longest: Int64 = 0

    init(at nanoseconds: Int64, idle: UInt64 = 0) {
        turnStart = nanoseconds
        idleAtStart = idle
    }

    mutating func turnEnded(at nanoseconds: Int64, idle: UInt64) {
        let awake = nanoseconds - turnStart - Int64(idle - idleAtStart)
        longest = max(longest, awake)
        turnStart = nanoseconds
        idleAtStart = idle
    }

    mutating func takeLongest() -> Duration {
        defer { longest = 0 }
        return .nanoseconds(longest)
    }
}
