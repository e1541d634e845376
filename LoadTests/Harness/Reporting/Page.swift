import Basics
import Glibc

/// The report as a page of its own: nothing is loaded from anywhere, so it opens offline and from
/// an attachment; light or dark as the reader's system is, and no wider than a phone.
enum Page {
    private static let style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --dim: #5b6670; --paper: #fff;
          --line: #dde2e7; --good: #14713d; --bad: #b3261e; --odd: #8a5a00;
          --c0: #1769aa; --c1: #c2410c; --c2: #2e7d32; --c3: #7b1fa2; --c4: #00838f;
            --c5: #ad1457; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6e9ec; --dim: #9aa5af; --paper: #14181c; --line: #2c343b;
            --good: #6fcf97; --bad: #ff8a80; --odd: #ffcc66;
            --c0: #64b5f6; --c1: #ffab70; --c2: #81c784; --c3: #ce93d8; --c4: #4dd0e1;
              --c5: #f48fb1; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 66rem; padding: 1rem; background: var(--paper);
          color: var(--ink); font: 16px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.5rem; margin: .5rem 0; }
        .passed { color: var(--good); } .missed { color: var(--bad); } .invalid {
          color: var(--odd); }
        .dim, small { color: var(--dim); font-weight: normal; }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr));
          gap: .5rem 1rem; }
        dt { color: var(--dim); font-size: .85rem; } dd { margin: 0; }
        .charts { display: grid;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
          gap: 1.5rem; }
        figure { margin: 0; } figcaption { font-weight: 600; }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--dim); font-size: 13px; } .end { text-anchor: end; } .middle {
          text-anchor: middle; }
        .grid { stroke: var(--line); }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
        .legend { margin: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .9rem; }
        .legend i { display: inline-block; width: 1rem; height: .25rem; margin-right: .4rem;
          vertical-align: middle; }
        table { border-collapse: collapse; width: 100%; margin-top: 1.5rem; }
        td { padding: .3rem 0; border-top: 1px solid var(--line); }
        td + td { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap;
          padding-left: 1rem; }
        """

    /// The colours of lines, once for strokes and once for the legend.
    private static let colours = (0..<Chart.colours).map {
        "polyline.c\($0) { stroke: var(--c\($0)); } i.c\($0) { background: var(--c\($0)); }"
    }.joined(separator: "\n")

    static func text(of report: Report, at time: Timestamp) -> String {
        let title = report.label.map { "\(report.scenario) (\($0))" } ?? report.scenario
        let judgement = ["passed", "missed", "invalid"][Int(report.exitCode)]
        let machine = report.machine
        let parameters = report.parameters.map {
            "<div><dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd></div>"
        }
        let rows = report.metrics.map {
            "<tr><td>\(escaped($0.label))</td><td>\(escaped($0.text))</td></tr>"
        }
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(title)): \(report.verdict)</title>
            <style>
            \(style)
            \(colours)
            </style>
            <h1>\(escaped(title)): <span class="\(judgement)">\(report.verdict)</span></h1>
            \(list(report.flaws, "invalid"))\(list(report.missed, "missed"))
            <p class="dim">\(escaped(machine.processor)), \(machine.cores) cores, Linux
            \(escaped(machine.kernel)), commit \(escaped(machine.commit)), \(time.rfc3339)</p>
            <dl>
            \(parameters.joined(separator: "\n"))
            </dl>
            <div class="charts">
            \(report.charts.map(\.svg).joined(separator: "\n"))
            </div>
            <table>
            \(rows.joined(separator: "\n"))
            </table>
            </html>

            """
    }

    /// Text inside an element or an attribute in double quotes.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for letter in text {
            switch letter {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(letter)
            }
        }
        return escaped
    }

    private static func list(_ lines: [String], _ kind: String) -> String {
        guard !lines.isEmpty else { return "" }
        let items = lines.map { "<li>\(escaped($0))</li>" }.joined()
        return "<ul class=\"\(kind)\">\(items)</ul>\n"
    }
}

extension Report {
    /// Writes the page, over what the file held; false when it cannot be written.
    func writePage(to path: String, at time: Timestamp) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let page = Array(Page.text(of: self, at: time).utf8)
        return write(descriptor, page, page.count) == page.count
    }
}
