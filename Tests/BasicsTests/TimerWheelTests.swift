import Testing

@testable import Basics

@Suite("The timer wheel")
struct TimerWheelTests {
    private var wheel = TimerWheel(tick: .milliseconds(250), at: Instant(nanoseconds: 7))

    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 7 + milliseconds * 1_000_000)
    }

    @Test
    mutating func `a key fires at its deadline, not before, and once`() {
        wheel.schedule(1, at: at(1_000))
        let early = wheel.advance(to: at(999))
        let inTime = wheel.advance(to: at(1_000))
        let later = wheel.advance(to: at(9_000))
        #expect(early.isEmpty)
        #expect(inTime == [1])
        #expect(later.isEmpty)
        #expect(wheel.isEmpty)
    }

    @Test
    mutating func `a deadline between ticks fires at the next tick`() {
        wheel.schedule(1, at: at(1_001))
        let early = wheel.advance(to: at(1_249))
        let inTime = wheel.advance(to: at(1_250))
        #expect(early.isEmpty)
        #expect(inTime == [1])
    }

    @Test
    mutating func `a key scheduled again has only its new deadline`() {
        wheel.schedule(1, at: at(1_000))
        wheel.schedule(1, at: at(2_000))
        #expect(wheel.count == 1)
        let old = wheel.advance(to: at(1_999))
        let new = wheel.advance(to: at(2_000))
        #expect(old.isEmpty)
        #expect(new == [1])
    }

    @Test
    mutating func `a cancelled key does not fire and its neighbours do`() {
        for key in 1...3 as ClosedRange<UInt64> { wheel.schedule(key, at: at(1_000)) }
        wheel.cancel(2)
        wheel.cancel(99)
        let fired = wheel.advance(to: at(1_000))
        #expect(fired == [1, 3])
    }

    @Test
    mutating func `a deadline rounds away waits for its round`() {
        let round = 250 * Int64(TimerWheel.slotCount)
        wheel.schedule(1, at: at(round + 500))
        let first = wheel.advance(to: at(500))
        let before = wheel.advance(to: at(round + 499))
        let second = wheel.advance(to: at(round + 500))
        #expect(first.isEmpty)
        #expect(before.isEmpty)
        #expect(second == [1])
    }

    @Test
    mutating func `after a long sleep everything due fires in the order of time`() {
        let round = 250 * Int64(TimerWheel.slotCount)
        wheel.schedule(3, at: at(2 * round + 250))
        wheel.schedule(1, at: at(500))
        wheel.schedule(2, at: at(round + 250))
        let fired = wheel.advance(to: at(5 * round))
        #expect(fired == [1, 2, 3])
    }

    @Test
    mutating func `a deadline that has passed fires a tick later`() {
        _ = wheel.advance(to: at(10_000))
        wheel.schedule(1, at: at(3))
        let now = wheel.advance(to: at(10_000))
        let next = wheel.advance(to: at(10_250))
        #expect(now.isEmpty)
        #expect(next == [1])
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `no schedule fires early, late, twice or never`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var wheel = TimerWheel(tick: .milliseconds(10), at: at(0))
        var deadlines: [UInt64: Int64] = [:]
        var now: Int64 = 0
        for _ in 0..<300 {
            let key = UInt64.random(in: 0..<20, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let deadline = now + Int64.random(in: 0...8_000, using: &random)
                wheel.schedule(key, at: at(deadline))
                // Whatever is due in the tick under way fires with the next one.
                deadlines[key] = max(deadline, (now / 10 + 1) * 10)
            case 2:
                wheel.cancel(key)
                deadlines[key] = nil
            default:
                now += Int64.random(in: 0...2_000, using: &random)
                let fired = Set(wheel.advance(to: at(now)))
                let due = Set(deadlines.filter { ($0.value + 9) / 10 <= now / 10 }.keys)
                #expect(fired == due, "seed \(seed)")
                for key in due { deadlines[key] = nil }
            }
            #expect(wheel.count == deadlines.count, "seed \(seed)")
        }
    }
}
