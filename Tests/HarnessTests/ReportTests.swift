import Basics
import JSON
import Testing

@testable import rollcall_load

@Suite struct ReportTests {
    private var report: Report {
        Report(
            scenario: "fanout", label: "first",
            machine: MachineFacts(
                processor: "a CPU", cores: 2, kernel: "6", openFiles: 20_000, commit: "abc"),
            parameters: [("rate", "20")],
            metrics: [
                Metric("lost", "lost", 3), Metric("latency_p99_ms", "latency p99", 1.5, "ms"),
            ])
    }

    private func common(_ words: [String]) throws -> CommonOptions {
        try CommonOptions(try Options(words, for: CommonOptions.all))
    }

    @Test func `a run passes, misses or says nothing, and the last counts most`() {
        var report = report
        let passed = report.exitCode
        report.missed = ["too slow"]
        let missed = report.exitCode
        report.flaws = ["nobody connected"]
        let invalid = report.exitCode
        #expect([passed, missed, invalid] == [0, 1, 2])
    }

    @Test func `the line of JSON holds the figures under their names`() throws {
        let line = report.jsonLine(at: Timestamp(microseconds: 0))
        let value = try JSONValue.parse(line)
        #expect(value["metrics"]?["lost"] == .integer(3))
        #expect(value["metrics"]?["latency_p99_ms"] == .number(1.5))
        #expect(value["machine"]?["commit"] == "abc")
        #expect(value["verdict"] == "passed")
        let breaks = line.count { $0 == UInt8(ascii: "\n") }
        #expect(breaks == 1)
    }

    @Test func `a lost message misses the target, and as many as allowed do not`() throws {
        var strict = report
        var lenient = report
        let ledger = LedgerTotals(received: 7, lost: 3)
        strict.judge(try common([]), latency: "", ledger: ledger, cpuPerMillion: nil)
        lenient.judge(
            try common(["--max-lost", "3"]), latency: "", ledger: ledger,
            cpuPerMillion: nil)
        #expect(strict.missed == ["3 messages were lost, at most 0"])
        #expect(lenient.missed.isEmpty)
    }

    @Test func `duplicates and disorder are never within a target`() throws {
        var report = report
        report.judge(
            try common([]), latency: "",
            ledger: LedgerTotals(duplicated: 1, outOfOrder: 2), cpuPerMillion: nil)
        #expect(report.missed == ["1 messages came twice", "2 messages came out of order"])
    }

    @Test func `a part of a run leaves the judgement to the whole`() throws {
        var part = report
        let words = ["--share", "1/2"]
        let options = try Options(words, for: CommonOptions.all + CommonOptions.hidden)
        part.judge(
            try CommonOptions(options), latency: "", ledger: LedgerTotals(lost: 3),
            cpuPerMillion: nil)
        #expect(part.missed.isEmpty)
    }

    @Test(arguments: [(9, 0), (11, 1)] as [(Int64, Int)])
    func `the target of p99 is about the histogram that was named`(ms: Int64, misses: Int) throws {
        var report = report
        var slow = Histogram()
        var judged = Histogram()
        slow.record(1_000_000_000)
        judged.record(ms * 1_000_000)
        report.addLatency("connect", "connect", slow)
        report.addLatency("ack", "ack", judged)
        report.judge(
            try common(["--max-p99", "10"]), latency: "ack", ledger: LedgerTotals(),
            cpuPerMillion: nil)
        #expect(report.missed.count == misses)
    }

    @Test func `a CPU target without a process to measure is a flaw`() throws {
        var report = report
        report.judge(
            try common(["--max-cpu", "5"]), latency: "", ledger: LedgerTotals(),
            cpuPerMillion: nil)
        #expect(report.flaws == ["--max-cpu needs --server-pid"])
    }

    @Test(
        arguments: [
            (12_345.6, "12346"), (123.45, "123.5"), (12.345, "12.35"), (1.2345, "1.235"),
            (0, "0.000"),
            (-0.5, "-0.500"), (0.04, "0.040"),
        ] as [(Double, String)])
    func `numbers show three digits that say something`(value: Double, text: String) {
        #expect(value.short == text)
    }

    @Test func `the median of runs ignores the run that was disturbed`() throws {
        let runs = try [1.0, 100.0, 2.0].map { value in
            try JSONValue.parse(Array("{\"metrics\":{\"cpu\":\(value)}}".utf8))
        }
        let odd = Comparison.median(of: "cpu", in: runs)
        let even = Comparison.median(of: "cpu", in: Array(runs.dropFirst()))
        let none = Comparison.median(of: "other", in: runs)
        #expect(odd == 2)
        #expect(even == 51)
        #expect(none == nil)
    }
}
