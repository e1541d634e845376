import Testing

@testable import rollcall_load

@Suite struct HistogramTests {
    @Test(arguments: [0, 1, 127, 128, 255] as [Int64])
    func `small values are exact`(value: Int64) {
        var histogram = Histogram()
        histogram.record(value)
        let read = histogram.percentile(50)
        #expect(read == value)
    }

    @Test func `what is read back is at most 0.8 percent above and never below`() {
        var value: Int64 = 256
        while value < 1 << 42 {
            for probe in [value, value + value / 3, value * 2 - 1] {
                var histogram = Histogram()
                histogram.record(probe)
                // A larger one, so that the maximum does not hide the bucket's edge.
                histogram.record(1 << 43)
                let read = histogram.percentile(50)
                #expect(read >= probe, "of \(probe)")
                #expect(read - probe <= probe / 128, "of \(probe)")
            }
            value *= 2
        }
    }

    @Test func `percentiles follow the ranks`() {
        var histogram = Histogram()
        for value in 1...100 { histogram.record(Int64(value)) }
        let read = [0, 1, 50, 90, 99, 99.9, 100].map { histogram.percentile($0) }
        #expect(read == [1, 1, 50, 90, 99, 100, 100])
    }

    @Test func `the maximum is exact`() {
        var histogram = Histogram()
        histogram.record(1_234_567_891)
        let read = histogram.percentile(99)
        #expect(read == 1_234_567_891)
        #expect(histogram.maximum == 1_234_567_891)
    }

    @Test func `an empty histogram says 0`() {
        let histogram = Histogram()
        let read = histogram.percentile(99)
        #expect(histogram.isEmpty)
        #expect(read == 0)
        #expect(histogram.maximum == 0)
    }

    @Test func `what is beyond the range is counted at its end`() {
        var histogram = Histogram()
        histogram.record(.max)
        histogram.record(-5)
        let highest = histogram.maximum
        let lowest = histogram.percentile(50)
        #expect(highest == .max)
        #expect(lowest == 0)
        #expect(histogram.count == 2)
    }

    @Test func `merging counts both`() {
        var one = Histogram()
        var other = Histogram()
        for value in 1...50 { one.record(Int64(value)) }
        for value in 51...100 { other.record(Int64(value)) }
        one.merge(other)
        let read = [50, 99].map { one.percentile(Double($0)) }
        #expect(read == [50, 99])
        #expect(one.count == 100)
        #expect(one.minimum == 1)
        #expect(one.maximum == 100)
    }
}
