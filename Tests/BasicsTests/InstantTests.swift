import Testing

@testable import Basics

@Suite("Instants and durations")
struct InstantTests {
    @Test
    func `an instant moves by a duration and back`() {
        let start = Instant(nanoseconds: 5)
        let later = start.advanced(by: .milliseconds(3))
        #expect(later == Instant(nanoseconds: 3_000_005))
        #expect(start < later)
        #expect(start.duration(to: later) == .milliseconds(3))
        #expect(later.duration(to: start) == .milliseconds(-3))
    }

    @Test
    func `durations are counted in whole units`() {
        #expect(Duration.seconds(2).inNanoseconds == 2_000_000_000)
        #expect(Duration.milliseconds(-1).inNanoseconds == -1_000_000)
        #expect(Duration.microseconds(1_999).inMilliseconds == 1)
    }
}
