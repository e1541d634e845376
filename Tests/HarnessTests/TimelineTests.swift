import Testing

@testable import rollcall_load

@Suite struct TimelineTests {
    @Test func `deliveries are counted in the second of their arrival`() {
        var timeline = Timeline()
        let start = MonotonicClock.nanoseconds
        timeline.record(5, at: start)
        timeline.record(7, at: start + 2_500_000_000)
        timeline.record(6, at: start + 2_600_000_000)
        #expect(timeline.seconds.map(\.count) == [1, 0, 2])
        #expect(timeline.seconds.map(\.worst) == [5, 0, 7])
    }

    @Test func `an hour is kept and no more`() {
        var timeline = Timeline()
        let start = MonotonicClock.nanoseconds
        timeline.record(1, at: start + 3_599_000_000_000)
        timeline.record(1, at: start + 3_601_000_000_000)
        timeline.record(1, at: start - 2_000_000_000)
        #expect(timeline.seconds.count == 3_600)
        #expect(timeline.seconds.reduce(0) { $0 + $1.count } == 1)
    }

    @Test func `seconds of two generators add up, and the worst stays the worst`() {
        var timeline = Timeline()
        timeline.merge([.init(count: 1, worst: 9)])
        timeline.merge([.init(count: 2, worst: 3), .init(count: 4, worst: 5)])
        #expect(timeline.seconds.map(\.count) == [3, 4])
        #expect(timeline.seconds.map(\.worst) == [9, 5])
    }
}
