/// One flag of a command, as the parser takes it and as the help teaches it.
struct Option: Sendable {
    /// With both dashes.
    let flag: String
    /// What the help calls the value; nil for a switch.
    let placeholder: String?
    /// What holds when the flag is absent, in the form it would be written; nil for nothing.
    let fallback: String?
    let summary: String

    init(_ flag: String, _ placeholder: String?, default fallback: String? = nil, _ summary: String)
    {
        self.flag = flag
        self.placeholder = placeholder
        self.fallback = fallback
        self.summary = summary
    }
}

/// A command line that cannot be followed: one line that says what was found and expected.
struct UsageError: Error, Equatable {
    let line: String

    init(_ line: String) {
        self.line = line
    }
}

/// The flags of one command with their values, defaults filled in.
struct Options: Sendable {
    private var values: [String: String] = [:]
    private let known: [Option]

    /// Takes `--flag value`, `--flag=value` and switches, each at most once.
    init(_ words: some Collection<String>, for known: [Option]) throws(UsageError) {
        self.known = known
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts.first ?? "")
            guard let option = known.first(where: { $0.flag == flag }) else {
                throw UsageError("unknown flag \(flag); --help lists what there is")
            }
            guard values[flag] == nil else { throw UsageError("\(flag): given more than once") }
            switch (option.placeholder, parts.count) {
            case (nil, 1): values[flag] = ""
            case (nil, _): throw UsageError("\(flag): takes no value")
            case (_?, 2): values[flag] = String(parts[1])
            case (let placeholder?, _):
                guard let value = rest.popFirst(), !value.hasPrefix("--") else {
                    throw UsageError("\(flag): expected \(placeholder), found nothing")
                }
                values[flag] = value
            }
        }
    }

    /// Whether a switch, or a flag that has no default, was given.
    func isGiven(_ flag: String) -> Bool { values[flag] != nil }

    /// The value given, else the default, else nil.
    func text(_ flag: String) -> String? {
        values[flag] ?? known.first { $0.flag == flag }?.fallback
    }

    /// A whole number within `range`. The flag must have a default.
    func integer(_ flag: String, in range: ClosedRange<Int>) throws(UsageError) -> Int {
        let text = text(flag) ?? ""
        guard let value = Int(text), range.contains(value) else {
            throw UsageError(
                "\(flag): found \(text), expected a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return value
    }

    /// A decimal number above zero and at most `most`. The flag must have a default.
    func number(_ flag: String, atMost most: Double) throws(UsageError) -> Double {
        guard let value = try optionalNumber(flag, atMost: most) else {
            throw UsageError("\(flag): expected a number")
        }
        return value
    }

    /// As ``number(_:atMost:)``, nil when the flag is absent and has no default.
    func optionalNumber(_ flag: String, atMost most: Double) throws(UsageError) -> Double? {
        guard let text = text(flag) else { return nil }
        guard let value = Double(text), value > 0, value <= most else {
            throw UsageError("\(flag): found \(text), expected a number above 0, at most \(most)")
        }
        return value
    }
}
