/// One figure of a report.
struct Metric: Equatable, Sendable {
    enum Value: Equatable, Sendable {
        case count(Int)
        case number(Double)
    }

    /// Its name in JSON, with the unit last: `latency_p99_ms`.
    let key: String
    /// Its name for people.
    let label: String
    let value: Value
    /// For people; empty for plain counts.
    let unit: String
    let combining: Combining

    /// How the figures of several generators become one. Percentiles are not combined: they are
    /// read again from the merged histogram.
    enum Combining: Equatable, Sendable {
        case sum
        /// The largest: a share of a core, or a time until the last was ready. Also for what only
        /// the first generator knows, such as the server's memory.
        case most
        /// An amount for each of what the figure of that key counts, in all generators.
        case per(String)
    }

    init(
        _ key: String, _ label: String, _ value: Double, _ unit: String,
        combining: Combining = .most
    ) {
        self.key = key
        self.label = label
        self.value = .number(value)
        self.unit = unit
        self.combining = combining
    }

    init(_ key: String, _ label: String, _ count: Int) {
        self.key = key
        self.label = label
        value = .count(count)
        unit = ""
        combining = .sum
    }

    /// The value as a number, whichever it is.
    var magnitude: Double {
        switch value {
        case .count(let count): Double(count)
        case .number(let number): number
        }
    }
}

/// What a run found, whether it means anything, and whether it is good enough.
struct Report: Sendable {
    let scenario: String
    let label: String?
    let machine: MachineFacts
    /// What was asked for, by flag.
    var parameters: [(name: String, value: String)]
    var metrics: [Metric] = []
    /// What percentiles were read from, by the key of their metrics.
    var histograms: [LabelledHistogram] = []
    /// Deliveries and the worst latency of each second; empty where a scenario keeps none.
    var timeline = Timeline()
    /// Which histogram `--max-p99` is about.
    var judgedHistogram: String?
    /// Why the figures are not to be believed; empty for a valid run.
    var flaws: [String] = []
    /// Which targets were missed, each with the figure and the bound.
    var missed: [String] = []

    /// 0 passed, 1 a target was missed, 2 the run is invalid, whatever its targets.
    var exitCode: Int32 {
        if !flaws.isEmpty { return 2 }
        return missed.isEmpty ? 0 : 1
    }

    var verdict: String {
        switch exitCode {
        case 0: "passed"
        case 1: "target missed"
        default: "invalid"
        }
    }
}

/// A histogram with its names in JSON and for people.
struct LabelledHistogram: Sendable {
    let key: String
    let label: String
    var histogram: Histogram

    /// p50, p90, p99, p99.9 and the maximum.
    var metrics: [Metric] {
        let points: [(String, Double)] = [("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9)]
        let percentiles = points.map { name, percent in
            Metric(
                "\(key)_\(name.filter { $0 != "." })_ms", "\(label) \(name)",
                histogram.percentile(percent).inMs, "ms")
        }
        return percentiles
            + [Metric("\(key)_max_ms", "\(label) max", histogram.maximum.inMs, "ms")]
    }
}

extension Report {
    /// Adds p50, p90, p99, p99.9 and the maximum, in milliseconds.
    mutating func addLatency(_ key: String, _ label: String, _ histogram: Histogram) {
        let named = LabelledHistogram(key: key, label: label, histogram: histogram)
        histograms.append(named)
        metrics += named.metrics
    }

    mutating func add(_ timeline: Timeline) {
        self.timeline = timeline
    }

    /// Adds what both sides used of their cores, and how long they waited for them.
    mutating func add(_ usage: UsageWindow.Usage) {
        metrics += [
            Metric("generator_share", "generator's core", usage.generatorShare * 100, "%"),
            Metric(
                "generator_waiting_share", "generator waiting for it",
                usage.generatorWaitingShare * 100, "%"),
        ]
        if let cpu = usage.serverCPUSeconds, let waiting = usage.serverWaitingShare {
            metrics += [
                Metric("server_cpu_share", "server's core", cpu / usage.seconds * 100, "%"),
                Metric("server_waiting_share", "server waiting for it", waiting * 100, "%"),
            ]
        }
        if let resident = usage.serverResidentBytes {
            metrics.append(
                Metric("rss_after_mb", "server's memory after", Double(resident) / 1e6, "MB"))
        }
    }

    /// What connecting and joining cost the server: memory that stays, and CPU time.
    mutating func addConnectionCosts(
        before: ProcessProbe.Sample, after: ProcessProbe.Sample, connections: Int
    ) {
        let count = Double(max(1, connections))
        metrics += [
            Metric(
                "rss_before_mb", "server's memory before", Double(before.residentBytes) / 1e6,
                "MB"),
            Metric("rss_joined_mb", "with all joined", Double(after.residentBytes) / 1e6, "MB"),
            Metric(
                "bytes_per_connection", "memory per connection",
                Double(after.residentBytes - before.residentBytes) / count, "B",
                combining: .per("joined")),
            Metric(
                "cpu_us_per_connection", "CPU per connection and join",
                Double(after.cpuNanoseconds - before.cpuNanoseconds) / count / 1e3, "µs",
                combining: .per("joined")),
        ]
    }

    mutating func add(_ totals: LedgerTotals) {
        metrics.append(Metric("lost", "lost", totals.lost))
        metrics.append(Metric("duplicated", "duplicated", totals.duplicated))
        metrics.append(Metric("out_of_order", "out of order", totals.outOfOrder))
    }

    /// Holds the figures to the targets of the command line. A duplicate or a wrong order is
    /// never within a target.
    ///
    /// `latency` is the key of the histogram that `--max-p99` is about.
    mutating func judge(
        _ options: CommonOptions, latency key: String, ledger: LedgerTotals,
        cpuPerMillion: Double?
    ) {
        judgedHistogram = key
        // A part of a run is judged with the others, by the process that started them.
        guard !options.share.isPart else { return }
        let latency = histograms.first { $0.key == key }?.histogram ?? Histogram()
        if let most = options.maximumP99Ms, latency.percentile(99).inMs > most {
            missed.append("p99 is \(latency.percentile(99).inMs.short) ms, at most \(most.short)")
        }
        if ledger.lost > options.maximumLost {
            missed.append("\(ledger.lost) messages were lost, at most \(options.maximumLost)")
        }
        if ledger.duplicated > 0 { missed.append("\(ledger.duplicated) messages came twice") }
        if ledger.outOfOrder > 0 {
            missed.append("\(ledger.outOfOrder) messages came out of order")
        }
        if let most = options.maximumCPU {
            guard let cpuPerMillion else {
                flaws.append("--max-cpu needs --server-pid")
                return
            }
            if cpuPerMillion > most {
                missed.append(
                    "a million deliveries took \(cpuPerMillion.short) s, at most \(most.short)")
            }
        }
    }
}

extension Int64 {
    /// Nanoseconds in milliseconds.
    var inMs: Double { Double(self) / 1e6 }
}
