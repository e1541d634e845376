// The drawings of a report.
extension Report {
    /// Where a percentile curve is read: each step is a tenth of those who wait longer.
    private static let curve: [(percent: Double, label: String)] = [
        (0, "0"), (50, "50"), (75, ""), (90, "90"), (95, ""), (99, "99"), (99.5, ""),
        (99.9, "99.9"), (99.99, "99.99"),
    ]

    var charts: [Chart] {
        var charts: [Chart] = []
        let drawn = histograms.filter { !$0.histogram.isEmpty }
        if !drawn.isEmpty {
            charts.append(
                Chart(
                    title: "How long it took", unit: "ms at or below, by percentile",
                    lines: drawn.map(Report.line),
                    marks: Report.curve.enumerated().map { (Double($0), $1.label) }))
        }
        let seconds = timeline.seconds
        guard seconds.count > 1 else { return charts }
        let last = seconds.count - 1
        // The axis ends with the run, whether or not that is a round number of seconds.
        let round = Array(stride(from: 0, to: last, by: max(1, seconds.count / 6)))
        let marks = (round + [last]).map { second in
            (x: Double(second), label: second == last ? "" : "\(second) s")
        }
        charts.append(
            Chart(
                title: "Deliveries", unit: "a second",
                lines: [line("deliveries", seconds.map { Double($0.count) })], marks: marks))
        charts.append(
            Chart(
                title: "Worst delivery of each second", unit: "ms",
                lines: [line("worst", seconds.map { $0.worst.inMs })], marks: marks))
        return charts
    }

    private static func line(_ named: LabelledHistogram) -> Chart.Line {
        let points = curve.enumerated().map { place, point in
            let value =
                point.percent == 0
                ? named.histogram.minimum : named.histogram.percentile(point.percent)
            return (x: Double(place), y: value.inMs)
        }
        return Chart.Line(name: named.label, points: points)
    }

    private func line(_ name: String, _ values: [Double]) -> Chart.Line {
        Chart.Line(name: name, points: values.enumerated().map { (x: Double($0), y: $1) })
    }
}
