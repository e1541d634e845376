import Basics
import Foundation
import Testing

@testable import rollcall_load

@Suite struct PageTests {
    private func page(_ change: (inout Report) -> Void = { _ in }) -> String {
        var report = Report(
            scenario: "storm", label: "a <b> & \"c\"",
            machine: MachineFacts(
                processor: "a CPU", cores: 2, kernel: "6", openFiles: 20_000, commit: "abc"),
            parameters: [("rate", "20")], metrics: [Metric("lost", "lost", 3)])
        change(&report)
        return Page.text(of: report, at: Timestamp(microseconds: 0))
    }

    @Test func `the page loads nothing`() {
        let page = page()
        for reference in ["http:", "https:", "src=", "href=", "url(", "@import", "<script"] {
            #expect(!page.contains(reference), "\(reference)")
        }
    }

    @Test func `words of the command line cannot become markup`() {
        let page = page()
        #expect(page.contains("a &lt;b&gt; &amp; &quot;c&quot;"))
        #expect(!page.contains("<b>"))
    }

    @Test func `the verdict and its reasons stand at the top`() throws {
        let page = page { $0.flaws = ["nobody connected"] }
        let reason = try #require(page.range(of: "nobody connected"))
        let table = try #require(page.range(of: "<table>"))
        #expect(page.contains("<span class=\"invalid\">invalid</span>"))
        #expect(reason.lowerBound < table.lowerBound)
    }

    @Test func `what was not measured is not drawn`() {
        let without = page()
        let with = page { report in
            var histogram = Histogram()
            histogram.record(5_000_000)
            report.addLatency("join", "join", histogram)
            report.addLatency("empty", "never happened", Histogram())
            report.timeline.merge([Timeline.Second(count: 1, worst: 2), Timeline.Second()])
        }
        #expect(!without.contains("<svg"))
        #expect(with.split(separator: "<svg").count == 4)
        #expect(!with.contains("</i>never happened"))
    }
}
