import JSON

/// One line for each server that did the same work: medians of files of runs, and their ratios to
/// the first, which is the bare loop.
enum PeerTable {
    private static let columns: [(key: String, title: String, hasRatio: Bool)] = [
        ("cpu_s_per_million", "CPU s per million deliveries", true),
        ("latency_p50_ms", "p50 ms", false),
        ("latency_p99_ms", "p99 ms", true),
        ("bytes_per_delivery", "bytes a delivery", false),
        ("bytes_per_connection", "memory per connection, B", false),
        ("cpu_us_per_connection", "CPU µs per connection", false),
        ("lost", "lost", false),
    ]

    static func run(_ words: [String]) throws(UsageError) -> Int32 {
        guard !words.isEmpty else {
            throw UsageError("peers: expected files written with --json, the base first")
        }
        var files: [[JSONValue]] = []
        for word in words { files.append(try Comparison.runs(in: word)) }
        Terminal.print(table(files))
        return 0
    }

    static func table(_ files: [[JSONValue]]) -> String {
        let base = files.first ?? []
        var titles = ["server", "runs"]
        for column in columns { titles += column.hasRatio ? [column.title, "×"] : [column.title] }
        var lines = [
            "| \(titles.joined(separator: " | ")) |",
            "|" + String(repeating: "---|", count: titles.count),
        ]
        lines += files.map { "| \(row($0, base).joined(separator: " | ")) |" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ runs: [JSONValue], _ base: [JSONValue]) -> [String] {
        let flawed = runs.count { $0["verdict"]?.string == "invalid" }
        let count = flawed > 0 ? "\(runs.count), \(flawed) invalid" : "\(runs.count)"
        var cells = [runs.first?["label"]?.string ?? "–", count]
        for column in columns {
            let value = Comparison.median(of: column.key, in: runs)
            cells.append(value?.short ?? "–")
            guard column.hasRatio else { continue }
            let reference = Comparison.median(of: column.key, in: base) ?? 0
            cells.append(value.map { reference > 0 ? ($0 / reference).short : "–" } ?? "–")
        }
        return cells
    }
}
