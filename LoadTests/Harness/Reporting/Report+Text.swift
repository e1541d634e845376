// The report for people.
extension Report {
    var table: String {
        var lines = ["", "\(title): \(verdict)"]
        lines.append(
            "\(machine.processor), \(machine.cores) cores, Linux \(machine.kernel), "
                + "commit \(machine.commit)")
        lines.append(parameters.map { "\($0.name) \($0.value)" }.joined(separator: "  "))
        lines.append("")
        let width = metrics.map(\.label.count).max() ?? 0
        for metric in metrics {
            lines.append("  \(metric.label.padded(to: width + 2))\(metric.text)")
        }
        lines += flaws.map { "  invalid: \($0)" }
        lines += missed.map { "  missed: \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    var markdown: String {
        var lines = ["### \(title): \(verdict)", ""]
        lines.append(
            "\(machine.processor), \(machine.cores) cores, Linux \(machine.kernel), "
                + "commit `\(machine.commit)`; "
                + parameters.map { "\($0.name) \($0.value)" }.joined(separator: ", "))
        lines += ["", "| what | value |", "|---|---|"]
        lines += metrics.map { "| \($0.label) | \($0.text) |" }
        if !flaws.isEmpty || !missed.isEmpty { lines.append("") }
        lines += flaws.map { "* invalid: \($0)" }
        lines += missed.map { "* missed: \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private var title: String { label.map { "\(scenario) (\($0))" } ?? scenario }
}

extension Metric {
    var text: String {
        let number =
            switch value {
            case .count(let count): String(count)
            case .number(let number): number.short
            }
        return unit.isEmpty ? number : "\(number) \(unit)"
    }
}

extension Double {
    /// With so many decimals that about three digits say something: 12345, 123.4, 12.34, 1.234.
    var short: String {
        guard isFinite, magnitude < 1e15 else { return description }
        let decimals = magnitude >= 1_000 ? 0 : magnitude >= 100 ? 1 : magnitude >= 10 ? 2 : 3
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let whole = Int((magnitude * scale).rounded())
        let sign = self < 0 && whole > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let digits = String(whole)
        let filled = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(sign)\(filled.dropLast(decimals)).\(filled.suffix(decimals))"
    }
}
