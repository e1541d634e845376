package import Basics
package import MemoryStorage
import Resume
import RoomContract

/// Everything that a simulation shares: the clock, the one queue of events, the one generator of
/// chance, and the disk.
///
/// The same seed gives the same run, event for event. Confined to one thread.
package final class World: Clock {
    package private(set) var now = Instant(nanoseconds: 0)
    package var random: Seeded
    package let database: MemoryDatabase
    /// Promises that were broken, in words.
    package private(set) var violations: [String] = []
    private var agenda = Agenda()
    private let clock: Clock

    /// The database's clock, which must exist before the world does.
    private final class Clock {
        var now = World.beginning
    }

    /// 2026-01-01, so that times in a failure read as times.
    private static let beginning = Timestamp(secondsSince1970: 1_767_225_600)

    package init(seed: UInt64) {
        random = Seeded(seed: seed)
        let clock = Clock()
        self.clock = clock
        guard let epoch = Epoch("sim") else { preconditionFailure("sim is an epoch") }
        database = MemoryDatabase(epoch: epoch) { clock.now }
    }

    package var wallClock: Timestamp { clock.now }

    package func schedule(after delay: Duration, _ action: @escaping () -> Void) {
        agenda.schedule(at: now.advanced(by: delay), action)
    }

    /// Lets everything happen that is due within `duration`.
    package func run(for duration: Duration) {
        let end = now.advanced(by: duration)
        while step(until: end) {}
        move(to: end)
    }

    /// Lets the next thing happen, if it is due by `end`; false when nothing is.
    package func step(until end: Instant) -> Bool {
        guard let next = agenda.nextTime, next <= end else { return false }
        move(to: next)
        agenda.takeNext()?()
        return true
    }

    private func move(to time: Instant) {
        now = max(now, time)
        clock.now = World.beginning.advanced(by: .nanoseconds(now.nanoseconds))
    }

    /// Notes a broken promise; the first ones are the interesting ones.
    package func violated(_ promise: @autoclosure () -> String) {
        guard violations.count < 10 else { return }
        violations.append("\(now.nanoseconds / 1_000_000) ms: \(promise())")
    }

    /// Prints what is said on every line, to see how a seed came to its end.
    package var traces = false

    func trace(_ text: @autoclosure () -> String, of line: Line) {
        guard traces else { return }
        let place = "\(line.identity.person ?? "anonymous") slot \(line.slot ?? .max)"
        print("\(now.nanoseconds / 1_000_000) loop \(line.loop.index) \(place) \(text())")
    }

    // MARK: Chance

    package func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    package func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(Int.random(in: range, using: &random))
    }

    package func microseconds(_ range: ClosedRange<Int>) -> Duration {
        .microseconds(Int.random(in: range, using: &random))
    }

    package func pick<Value>(_ values: [Value]) -> Value? {
        values.randomElement(using: &random)
    }
}
