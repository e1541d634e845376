/// One chart as inline SVG, drawn with the colours of the page around it.
struct Chart: Sendable {
    struct Line: Sendable {
        let name: String
        /// Left to right.
        let points: [(x: Double, y: Double)]
    }

    let title: String
    /// What the vertical axis counts.
    let unit: String
    let lines: [Line]
    /// Where the horizontal axis is labelled; its ends are the first and the last.
    let marks: [(x: Double, label: String)]

    /// Narrow enough that letters stay readable when a phone scales the drawing down.
    private static let width = 480.0
    private static let height = 260.0
    private static let left = 56.0
    /// Half of the last label stands in it.
    private static let right = 24.0
    private static let top = 14.0
    private static let bottom = 30.0
    /// As many as the style sheet of ``Page`` has colours.
    static let colours = 6

    var svg: String {
        var parts = [
            "<figure><figcaption>\(Page.escaped(title)) <small>\(Page.escaped(unit))</small>"
                + "</figcaption>",
            "<svg viewBox=\"0 0 \(Chart.width.short) \(Chart.height.short)\" role=\"img\" "
                + "aria-label=\"\(Page.escaped(title))\">",
        ]
        let scale = Chart.niceScale(upTo: lines.flatMap(\.points).map(\.y).max() ?? 0)
        for value in scale.ticks {
            let y = place(y: value, of: scale.top).short
            parts.append(
                "<line class=\"grid\" x1=\"\(Chart.left.short)\" x2=\""
                    + "\((Chart.width - Chart.right).short)\" y1=\"\(y)\" y2=\"\(y)\"/>"
                    + "<text class=\"end\" x=\"\((Chart.left - 6).short)\" y=\"\(y)\" "
                    + "dy=\"4\">\(Chart.label(value))</text>")
        }
        for mark in marks {
            parts.append(
                "<text class=\"middle\" x=\"\(place(x: mark.x).short)\" "
                    + "y=\"\((Chart.height - 10).short)\">\(Page.escaped(mark.label))</text>")
        }
        for (index, line) in lines.enumerated() {
            let points = line.points.map {
                "\(place(x: $0.x).short),\(place(y: $0.y, of: scale.top).short)"
            }
            parts.append(
                "<polyline class=\"line c\(index % Chart.colours)\" "
                    + "points=\"\(points.joined(separator: " "))\"/>")
        }
        parts.append("</svg>")
        parts.append("<p class=\"legend\">")
        for (index, line) in lines.enumerated() {
            parts.append(
                "<span><i class=\"c\(index % Chart.colours)\"></i>\(Page.escaped(line.name))</span>"
            )
        }
        parts.append("</p></figure>")
        return parts.joined(separator: "\n")
    }

    private func place(x: Double) -> Double {
        let first = marks.first?.x ?? 0
        let span = (marks.last?.x ?? 1) - first
        let share = span > 0 ? (x - first) / span : 0.5
        return Chart.left + share * (Chart.width - Chart.left - Chart.right)
    }

    private func place(y: Double, of top: Double) -> Double {
        let height = Chart.height - Chart.top - Chart.bottom
        return Chart.top + height * (1 - (top > 0 ? y / top : 0))
    }

    /// Four or five round numbers from 0 to above `most`.
    static func niceScale(upTo most: Double) -> (top: Double, ticks: [Double]) {
        guard most > 0, most.isFinite else { return (1, [0, 1]) }
        var unit = 1.0
        while unit * 10 < most { unit *= 10 }
        while unit > most { unit /= 10 }
        let step = [0.25, 0.5, 1, 2.5].map { $0 * unit }.first { $0 * 4 >= most } ?? unit * 2.5
        let count = Int((most / step).rounded(.up))
        return (step * Double(count), (0...count).map { Double($0) * step })
    }

    /// `0`, `25`, `2.5`: no more digits than the number has.
    private static func label(_ value: Double) -> String {
        if value >= 1_000_000 { return "\((value / 1_000_000).short.trimmedZeros)M" }
        if value >= 10_000 { return "\((value / 1_000).short.trimmedZeros)k" }
        return value.short.trimmedZeros
    }
}

extension String {
    /// A decimal number without the zeros at its end.
    fileprivate var trimmedZeros: String {
        guard contains(".") else { return self }
        var text = self
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
