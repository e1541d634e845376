import JSON

/// One line for each server that did the same work: medians of files of runs, and their ratios to
/// the first, which is the bare loop.
///
/// Invalid runs are counted but not used as long as there is a valid one.
enum PeerTable {
    private enum Column {
        case median(key: String, title: String)
        /// With its ratio to the first server's in a column of its own.
        case ratio(key: String, title: String)
        /// Of the first run, on a fresh server: later ones find its memory already there.
        case first(key: String, title: String)
    }

    private static let columns: [Column] = [
        .ratio(key: "cpu_s_per_million", title: "CPU s per million deliveries"),
        .median(key: "latency_p50_ms", title: "p50 ms"),
        .ratio(key: "latency_p99_ms", title: "p99 ms"),
        .median(key: "bytes_per_delivery", title: "bytes a delivery"),
        .first(key: "bytes_per_connection", title: "memory per connection, B"),
        .median(key: "cpu_us_per_connection", title: "CPU µs per connection"),
        .median(key: "lost", title: "lost"),
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
        let base = usable(files.first ?? [])
        let titles = ["server", "runs"] + columns.flatMap(titles)
        var lines = [
            "| \(titles.joined(separator: " | ")) |",
            "|" + String(repeating: "---|", count: titles.count),
        ]
        lines += files.map { "| \(row($0, base).joined(separator: " | ")) |" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func titles(of column: Column) -> [String] {
        switch column {
        case .median(_, let title), .first(_, let title): [title]
        case .ratio(_, let title): [title, "×"]
        }
    }

    private static func usable(_ runs: [JSONValue]) -> [JSONValue] {
        let valid = runs.filter { $0["verdict"]?.string != "invalid" }
        return valid.isEmpty ? runs : valid
    }

    private static func row(_ runs: [JSONValue], _ base: [JSONValue]) -> [String] {
        let flawed = runs.count { $0["verdict"]?.string == "invalid" }
        let count = flawed > 0 ? "\(runs.count), \(flawed) invalid" : "\(runs.count)"
        let used = usable(runs)
        var cells = [runs.first?["label"]?.string ?? "–", count]
        for column in columns {
            switch column {
            case .median(let key, _): cells.append(text(Comparison.median(of: key, in: used)))
            case .first(let key, _):
                cells.append(text(Comparison.median(of: key, in: Array(runs.prefix(1)))))
            case .ratio(let key, _):
                let value = Comparison.median(of: key, in: used)
                let reference = Comparison.median(of: key, in: base) ?? 0
                let ratio = value.flatMap { reference > 0 ? $0 / reference : nil }
                cells += [text(value), text(ratio)]
            }
        }
        return cells
    }

    private static func text(_ value: Double?) -> String { value?.short ?? "–" }
}
