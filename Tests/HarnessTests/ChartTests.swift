import Testing

@testable import rollcall_load

@Suite struct ChartTests {
    @Test(arguments: [0.003, 0.7, 1, 3, 9.99, 10, 11, 99, 1_234, 87_654_321])
    func `a scale reaches above its largest value, in a few round steps`(most: Double) {
        let scale = Chart.niceScale(upTo: most)
        #expect(scale.top >= most)
        #expect(scale.top < most * 2.6)
        #expect((2...6).contains(scale.ticks.count))
        #expect(scale.ticks.first == 0)
    }

    @Test(arguments: [0, -1, .infinity, .nan])
    func `a scale of nothing is a scale`(most: Double) {
        let scale = Chart.niceScale(upTo: most)
        #expect(scale.top == 1)
    }
}
