import Basics
import Testing

@testable import EventLoop

@Suite struct LoopTimerTests {
    @Test func `timers run in the order of their due times`() {
        withLoop { loop in
            var order: [Int] = []
            for due in [30, 10, 20, 0] {
                loop.schedule(after: .milliseconds(due)) { order.append(due) }
            }
            loop.schedule(after: .milliseconds(40)) { loop.stop() }
            loop.run()
            #expect(order == [0, 10, 20, 30])
        }
    }

    @Test(arguments: [1, 1_500, 2_000, 7_300])
    func `a timer is never early`(microseconds: Int) {
        withLoop { loop in
            let start = ContinuousClock.now
            var elapsed: Duration = .zero
            loop.schedule(after: .microseconds(microseconds)) {
                elapsed = ContinuousClock.now - start
                loop.stop()
            }
            loop.run()
            #expect(elapsed >= .microseconds(microseconds))
        }
    }

    @Test func `a repeating timer runs until cancelled from inside its own closure`() {
        withLoop { loop in
            var runs = 0
            var timer: LoopTimer?
            timer = loop.schedule(after: .zero, repeating: .milliseconds(1)) {
                runs += 1
                guard runs == 3 else { return }
                timer?.cancel()
                timer?.cancel()
                loop.schedule(after: .milliseconds(10)) { loop.stop() }
            }
            loop.run()
            #expect(runs == 3)
        }
    }

    @Test func `a timer cancelled by another timer of the same turn does not run`() {
        withLoop { loop in
            var ran = false
            var second: LoopTimer?
            loop.schedule(after: .milliseconds(2)) { second?.cancel() }
            second = loop.schedule(after: .milliseconds(2)) { ran = true }
            loop.schedule(after: .milliseconds(8)) { loop.stop() }
            loop.run()
            #expect(!ran)
        }
    }

    @Test func `cancelling lets go of the closure at once`() {
        withLoop { loop in
            weak var watched: Witness?
            var timer: LoopTimer?
            do {
                let witness = Witness()
                watched = witness
                timer = loop.schedule(after: .seconds(60)) { _ = witness }
            }
            let held = watched != nil
            timer?.cancel()
            let released = watched == nil
            #expect(held)
            #expect(released)
        }
    }

    @Test(arguments: [Duration.seconds(-5), .seconds(Int64.max / 2_000_000_000)])
    func `an absurd duration neither traps nor waits wrongly`(after: Duration) {
        withLoop { loop in
            var ran = false
            loop.schedule(after: after) { ran = true }
            loop.schedule(after: .milliseconds(5)) { loop.stop() }
            loop.run()
            let expected = after < .zero
            #expect(ran == expected)
        }
    }
}

final class Witness {}
