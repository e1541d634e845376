import Basics
import Testing

@testable import EventLoop

/// Runs `body` with a loop that is closed afterwards, and that stops by itself before a broken
/// test could hang the suite.
func withLoop(_ body: (EventLoop) throws -> Void) rethrows {
    let loop = EventLoop()
    defer { loop.close() }
    loop.schedule(after: .seconds(10)) {
        Issue.record("the loop was still running after ten seconds")
        loop.stop()
    }
    try body(loop)
}

@Suite struct EventLoopTests {
    @Test func `a loop with nothing to wait for returns at once`() {
        let loop = EventLoop()
        loop.run()
        loop.close()
        loop.close()
        #expect(loop.isClosed)
    }

    @Test func `performed closures run in order and never synchronously`() {
        withLoop { loop in
            var order: [Int] = []
            loop.perform { order.append(1) }
            loop.perform {
                order.append(2)
                loop.perform {
                    order.append(4)
                    loop.stop()
                }
                order.append(3)
            }
            #expect(order.isEmpty)
            loop.run()
            #expect(order == [1, 2, 3, 4])
        }
    }

    @Test func `a performed closure alone keeps the loop awake until it has run`() {
        let loop = EventLoop()
        var ran = false
        loop.perform { ran = true }
        loop.run()
        loop.close()
        #expect(ran)
    }

    @Test func `the turn's end comes after timers and performed closures of that turn`() {
        withLoop { loop in
            var events: [String] = []
            loop.onTurnEnd {
                if !events.isEmpty { events.append("end") }
                if events.count >= 3 { loop.stop() }
            }
            loop.schedule(after: .milliseconds(1)) {
                events.append("timer")
                loop.perform { events.append("performed") }
            }
            loop.run()
            #expect(events == ["timer", "performed", "end"])
        }
    }

    @Test func `a closure performed at the turn's end runs without waiting for anything`() {
        let loop = EventLoop()
        var asked = false
        var ran = false
        loop.onTurnEnd {
            if asked { return }
            asked = true
            loop.perform { ran = true }
        }
        loop.perform {}
        loop.run()
        loop.close()
        #expect(ran)
    }

    @Test func `time stands still within a turn and moves on between turns`() {
        withLoop { loop in
            var within: [Instant] = []
            var after: Instant?
            loop.perform {
                within.append(loop.now)
                spin(for: .milliseconds(3))
                within.append(loop.now)
            }
            loop.schedule(after: .milliseconds(5)) {
                after = loop.now
                loop.stop()
            }
            loop.run()
            #expect(within.count == 2)
            #expect(within.first == within.last)
            let moved = within.first.flatMap { first in after.map { first.duration(to: $0) } }
            #expect(moved ?? .zero >= .milliseconds(3))
        }
    }

    @Test func `the longest turn counts work and not sleep, and is forgotten when read`() {
        withLoop { loop in
            loop.schedule(after: .milliseconds(1)) { spin(for: .milliseconds(20)) }
            loop.schedule(after: .milliseconds(100)) { loop.perform { loop.stop() } }
            loop.run()
            let longest = loop.longestTurn
            #expect(longest >= .milliseconds(20))
            let again = loop.longestTurn
            #expect(again == .zero)
        }
    }

    @Test func `closing from outside drops what was queued`() {
        let loop = EventLoop()
        var ran = false
        loop.perform { ran = true }
        loop.schedule(after: .zero) { ran = true }
        loop.close()
        loop.perform { ran = true }
        loop.schedule(after: .zero) { ran = true }.cancel()
        #expect(!ran)
    }
}

@Suite struct TurnPaceTests {
    @Test func `sleep is not part of a turn`() {
        var pace = TurnPace(at: 1_000, idle: 100)
        pace.turnEnded(at: 51_000, idle: 40_100)
        pace.turnEnded(at: 56_000, idle: 40_100)
        let longest = pace.takeLongest()
        let next = pace.takeLongest()
        #expect(longest == .nanoseconds(10_000))
        #expect(next == .zero)
    }
}

/// Keeps the thread busy, as a long turn does.
func spin(for duration: Duration) {
    let end = ContinuousClock.now.advanced(by: duration)
    while ContinuousClock.now < end {}
}
