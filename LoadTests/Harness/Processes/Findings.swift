import JSON

/// What one generator process tells the one that started it, as one line of JSON: the figures,
/// and the histograms behind them, so that percentiles are read from all of them together.
enum Findings {
    static func line(of report: Report) -> [UInt8] {
        var json = JSONWriter(reserving: 16_384)
        json.object { json in
            json.field("event", "report")
            if let key = report.judgedHistogram { json.field("judged", key) }
            json.field(
                "metrics",
                array: { json in for metric in report.metrics { write(metric, &json) } })
            json.field(
                "histograms",
                array: { json in for one in report.histograms { write(one, &json) } })
            json.field(
                "timeline",
                array: { json in
                    for second in report.timeline.seconds {
                        json.integer(second.count)
                        json.integer(second.worst)
                    }
                })
            json.field("flaws", array: { json in for flaw in report.flaws { json.string(flaw) } })
            json.field("missed", array: { json in for miss in report.missed { json.string(miss) } })
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    /// Fills an empty report with what a line says; false for a line that is none of ours.
    static func read(_ value: JSONValue, into report: inout Report) -> Bool {
        guard value["event"]?.string == "report", let metrics = value["metrics"]?.array,
            let histograms = value["histograms"]?.array
        else { return false }
        report.judgedHistogram = value["judged"]?.string
        report.metrics = metrics.compactMap(metric)
        report.histograms = histograms.compactMap(histogram)
        let numbers = (value["timeline"]?.array ?? []).compactMap(\.integer)
        report.timeline.merge(
            stride(from: 0, to: numbers.count - 1, by: 2).map {
                Timeline.Second(count: Int(numbers[$0]), worst: numbers[$0 + 1])
            })
        report.flaws = (value["flaws"]?.array ?? []).compactMap(\.string)
        report.missed = (value["missed"]?.array ?? []).compactMap(\.string)
        return report.metrics.count == metrics.count && report.histograms.count == histograms.count
    }

    private static func write(_ metric: Metric, _ json: inout JSONWriter) {
        json.object { json in
            json.field("key", metric.key)
            json.field("label", metric.label)
            json.field("unit", metric.unit)
            switch metric.value {
            case .count(let count): json.field("count", count)
            case .number(let number): json.field("number", number)
            }
            switch metric.combining {
            case .sum: json.field("combining", "sum")
            case .most: json.field("combining", "most")
            case .per(let key): json.field("per", key)
            }
        }
    }

    private static func metric(_ value: JSONValue) -> Metric? {
        guard let key = value["key"]?.string, let label = value["label"]?.string else { return nil }
        if let count = value["count"]?.integer { return Metric(key, label, Int(count)) }
        guard let number = value["number"]?.number else { return nil }
        let combining: Metric.Combining =
            value["per"]?.string.map { .per($0) }
            ?? (value["combining"]?.string == "sum" ? .sum : .most)
        return Metric(key, label, number, value["unit"]?.string ?? "", combining: combining)
    }

    private static func write(_ named: LabelledHistogram, _ json: inout JSONWriter) {
        let histogram = named.histogram
        json.object { json in
            json.field("key", named.key)
            json.field("label", named.label)
            json.field("minimum", histogram.minimum)
            json.field("maximum", histogram.maximum)
            json.field(
                "buckets",
                array: { json in
                    for (bucket, count) in histogram.filledBuckets {
                        json.integer(bucket)
                        json.integer(count)
                    }
                })
        }
    }

    private static func histogram(_ value: JSONValue) -> LabelledHistogram? {
        guard let key = value["key"]?.string, let label = value["label"]?.string,
            let minimum = value["minimum"]?.integer, let maximum = value["maximum"]?.integer
        else { return nil }
        let numbers = (value["buckets"]?.array ?? []).compactMap(\.integer)
        let buckets = stride(from: 0, to: numbers.count - 1, by: 2).map {
            (bucket: Int(numbers[$0]), count: UInt64(clamping: numbers[$0 + 1]))
        }
        return Histogram(filledBuckets: buckets, minimum: minimum, maximum: maximum).map {
            LabelledHistogram(key: key, label: label, histogram: $0)
        }
    }
}
