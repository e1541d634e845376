// One report of several generators.
extension Report {
    /// Takes over what the parts of one run found, in the order of their processes.
    mutating func merge(_ parts: [Report]) {
        judgedHistogram = parts.lazy.compactMap(\.judgedHistogram).first
        for (number, part) in parts.enumerated() {
            for named in part.histograms { merge(named) }
            timeline.merge(part.timeline.seconds)
            flaws += part.flaws.map { "process \(number): \($0)" }
            missed += part.missed.map { "process \(number): \($0)" }
        }
        let percentiles = histograms.flatMap(\.metrics)
        for metric in Report.allMetrics(of: parts) {
            let merged = percentiles.first { $0.key == metric.key }
            metrics.append(merged ?? Report.combine(metric, of: parts))
        }
    }

    /// Holds a merged report to the targets, by the figures in it.
    mutating func judgeMerged(_ options: CommonOptions) {
        let counts = LedgerTotals(
            lost: count("lost"), duplicated: count("duplicated"),
            outOfOrder: count("out_of_order"))
        judge(
            options, latency: judgedHistogram ?? "", ledger: counts,
            cpuPerMillion: metrics.first { $0.key == "cpu_s_per_million" }?.magnitude)
    }

    private func count(_ key: String) -> Int {
        metrics.first { $0.key == key }.map { Int($0.magnitude) } ?? 0
    }

    private mutating func merge(_ named: LabelledHistogram) {
        if let index = histograms.firstIndex(where: { $0.key == named.key }) {
            histograms[index].histogram.merge(named.histogram)
        } else {
            histograms.append(named)
        }
    }

    /// Each key once, where it first stands.
    private static func allMetrics(of parts: [Report]) -> [Metric] {
        var seen: Set<String> = []
        return parts.flatMap(\.metrics).filter { seen.insert($0.key).inserted }
    }

    private static func combine(_ metric: Metric, of parts: [Report]) -> Metric {
        let values = parts.compactMap { part in part.metrics.first { $0.key == metric.key } }
        let number: Double
        switch metric.combining {
        case .sum: number = values.reduce(0) { $0 + $1.magnitude }
        case .most: number = values.map(\.magnitude).max() ?? 0
        case .per(let key): number = amount(metric.key, per: key, of: parts)
        }
        switch metric.value {
        case .count: return Metric(metric.key, metric.label, Int(number))
        case .number:
            return Metric(
                metric.key, metric.label, number, metric.unit, combining: metric.combining)
        }
    }

    /// Those who know the figure know the whole amount; those who do not still did their share.
    private static func amount(_ key: String, per unit: String, of parts: [Report]) -> Double {
        var amount = 0.0
        var units = 0.0
        for part in parts {
            let count = part.metrics.first { $0.key == unit }?.magnitude ?? 0
            units += count
            amount += (part.metrics.first { $0.key == key }?.magnitude ?? 0) * count
        }
        return units > 0 ? amount / units : 0
    }
}
