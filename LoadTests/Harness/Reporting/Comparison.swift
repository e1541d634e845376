import JSON

/// Medians of two files of runs, side by side: what `--json` wrote in turns on one machine.
///
/// The median, because one run that something else disturbed must not count.
enum Comparison {
    static func run(_ words: [String]) throws(UsageError) -> Int32 {
        guard words.count == 2 else {
            throw UsageError("compare: expected two files written with --json")
        }
        Terminal.print(table(try runs(in: words[0]), try runs(in: words[1])))
        return 0
    }

    /// One line for every figure that both have. The ratio is new to base.
    static func table(_ base: [JSONValue], _ new: [JSONValue]) -> String {
        var lines = [
            "| median | base (\(base.count) runs) | new (\(new.count) runs) | ratio |",
            "|---|---|---|---|",
        ]
        for member in base.first?["metrics"]?.object?.members ?? [] {
            guard let before = median(of: member.name, in: base),
                let after = median(of: member.name, in: new)
            else { continue }
            let ratio = before == 0 ? "–" : (after / before).short
            lines.append("| \(member.name) | \(before.short) | \(after.short) | \(ratio) |")
        }
        let invalid = (base + new).count { $0["verdict"]?.string == "invalid" }
        if invalid > 0 { lines += ["", "\(invalid) runs are invalid: see their flaws."] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Of an even number of runs the mean of the middle two; nil when no run has the figure.
    static func median(of metric: String, in runs: [JSONValue]) -> Double? {
        let values = runs.compactMap { $0["metrics"]?[metric].flatMap(number) }.sorted()
        guard !values.isEmpty else { return nil }
        return (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    static func runs(in path: String) throws(UsageError) -> [JSONValue] {
        guard let text = ProcessProbe.text(of: path) else {
            throw UsageError("compare: \(path) cannot be read")
        }
        var runs: [JSONValue] = []
        for line in text.split(separator: "\n") {
            do throws(JSONError) {
                runs.append(try JSONValue.parse(Array(line.utf8)))
            } catch {
                throw UsageError("compare: \(path) has a line that is no JSON: \(error)")
            }
        }
        guard !runs.isEmpty else { throw UsageError("compare: \(path) is empty") }
        return runs
    }
}
