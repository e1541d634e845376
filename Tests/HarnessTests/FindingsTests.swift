import JSON
import Testing

@testable import rollcall_load

@Suite struct FindingsTests {
    private var empty: Report {
        Report(
            scenario: "rooms", label: nil,
            machine: MachineFacts(
                processor: "a CPU", cores: 2, kernel: "6", openFiles: 20_000, commit: "abc"),
            parameters: [])
    }

    /// A part that delivered `deliveries`, each in `ms`, with what only the first process knows.
    private func part(deliveries: Int, ms: Int64, cpu: Double?) -> Report {
        var report = empty
        var histogram = Histogram()
        for _ in 0..<deliveries { histogram.record(ms * 1_000_000) }
        report.metrics = [
            Metric("deliveries", "deliveries", deliveries),
            Metric("rate", "a second", 10, "1/s", combining: .sum),
            Metric("all_in_s", "until all were in", Double(ms), "s"),
        ]
        if let cpu {
            report.metrics.append(
                Metric("cpu_s_per_million", "CPU", cpu, "s", combining: .per("deliveries")))
        }
        report.addLatency("latency", "latency", histogram)
        report.judgedHistogram = "latency"
        report.timeline.merge([Timeline.Second(count: deliveries, worst: ms)])
        report.flaws = ["a flaw of \(ms)"]
        return report
    }

    private func throughThePipe(_ report: Report) throws -> Report {
        var read = empty
        let value = try JSONValue.parse(Findings.line(of: report))
        let isOurs = Findings.read(value, into: &read)
        #expect(isOurs)
        return read
    }

    @Test func `what a process found comes through the pipe unchanged`() throws {
        let report = part(deliveries: 3, ms: 7, cpu: 2.5)
        let read = try throughThePipe(report)
        #expect(read.metrics == report.metrics)
        #expect(read.histograms.map(\.key) == ["latency"])
        #expect(read.histograms.first?.histogram.percentile(99) == 7_000_000)
        #expect(read.histograms.first?.histogram.count == 3)
        #expect(read.timeline.seconds.first?.count == 3)
        #expect(read.flaws == report.flaws)
        #expect(read.judgedHistogram == "latency")
    }

    @Test(arguments: [#"{}"#, #"{"event":"ready"}"#, #"{"event":"report","metrics":[{}]}"#])
    func `another line is not taken for findings`(line: String) throws {
        var read = empty
        let value = try JSONValue.parse(Array(line.utf8))
        let isOurs = Findings.read(value, into: &read)
        #expect(!isOurs)
    }

    @Test func `parts add up, and percentiles are those of all deliveries`() throws {
        var whole = empty
        whole.merge([
            try throughThePipe(part(deliveries: 98, ms: 1, cpu: 4)),
            try throughThePipe(part(deliveries: 2, ms: 50, cpu: nil)),
        ])
        let figures = Dictionary(
            uniqueKeysWithValues: whole.metrics.map { ($0.key, $0.magnitude) })
        #expect(figures["deliveries"] == 100)
        #expect(figures["rate"] == 20)
        #expect(figures["all_in_s"] == 50)
        // 98 deliveries knew of 4 × 98 seconds; all 100 share them.
        #expect(figures["cpu_s_per_million"] == 3.92)
        #expect(figures["latency_p99_ms"] == 50)
        #expect((figures["latency_p50_ms"] ?? 0) < 1.01)
        #expect(whole.timeline.seconds.first?.worst == 50)
        #expect(whole.flaws == ["process 0: a flaw of 1", "process 1: a flaw of 50"])
    }

    @Test func `the whole is judged by the merged figures`() throws {
        var whole = empty
        whole.merge([
            part(deliveries: 98, ms: 1, cpu: nil), part(deliveries: 2, ms: 50, cpu: nil),
        ])
        whole.metrics.append(Metric("lost", "lost", 1))
        let options = try Options(["--max-p99", "40"], for: CommonOptions.all)
        whole.judgeMerged(try CommonOptions(options))
        #expect(whole.missed.count == 2)
    }
}
