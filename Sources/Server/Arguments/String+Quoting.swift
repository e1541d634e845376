extension String {
    /// In double quotes on one line, cut to what a line can bear: what somebody typed may hold
    /// anything, and an error message is one line.
    var quoted: String {
        let shown = unicodeScalars.prefix(String.longestQuoted).map { scalar -> String in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : String(scalar)
        }
        let isCut = unicodeScalars.count > String.longestQuoted
        return "\"" + shown.joined() + (isCut ? "…" : "") + "\""
    }

    /// 80 is a terminal's width: more does not help to recognise one's own mistake.
    private static let longestQuoted = 80
}

extension [String] {
    /// `a`, `a or b`, `a, b or c`.
    var listed: String {
        guard let last, count > 1 else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}

extension String {
    /// The lines of somebody else's report, joined: ours are one line each.
    var onOneLine: String {
        split(whereSeparator: \.isNewline)
            .map { String($0.filter { $0 != "\t" }) }
            .joined(separator: "; ")
    }
}
