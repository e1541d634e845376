/// One conversation of `Protocol/transcripts`, read: its README says what each line means.
package struct Transcript {
    package struct Step {
        package let line: Int
        package let action: Action
    }

    package enum Action: Equatable {
        /// `@ …`: what the platform writes into its tables.
        case platform([String])
        /// `~ 30s`: time passes.
        case wait(Duration)
        /// `ana …`: a client does, or hears, something.
        case client(String, Move)
    }

    package enum Move: Equatable {
        /// `+ vsn=2.0.0 [anonymous]`
        case connect(version: String, isAnonymous: Bool)
        /// `- presence_diff …`: these events are not part of the conversation from now on.
        case ignore([String])
        /// `> JSON` and `< JSON`
        case says(String)
        case hears(String)
        /// `>> bytes` and `<< bytes`
        case saysBinary([UInt8])
        case hearsBinary([UInt8])
        /// `. 2s`: nothing arrives for this long.
        case hearsNothing(Duration)
        /// `! 4001`: the server closes.
        case isClosed(UInt16)
        /// `x`: the line drops; `x 1000`: the client closes.
        case drops
        case closes
    }

    package struct Mistake: Error, CustomStringConvertible {
        package let description: String
    }

    package let steps: [Step]

    package init(_ text: String) throws(Mistake) {
        var steps: [Step] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard let word = line.split(separator: " ").first, !word.hasPrefix("#") else {
                continue
            }
            guard let action = Self.action(line) else {
                throw Mistake(description: "line \(index + 1) cannot be read: \(line)")
            }
            steps.append(Step(line: index + 1, action: action))
        }
        self.steps = steps
    }

    private static func action(_ line: Substring) -> Action? {
        let parts = line.split(separator: " ", maxSplits: 1)
        let rest = parts.count > 1 ? parts[1] : ""
        switch parts[0] {
        case "@": return .platform(words(rest))
        case "~": return duration(rest).map(Action.wait)
        default:
            let move = rest.split(separator: " ", maxSplits: 1)
            guard let sign = move.first else { return nil }
            return Self.move(sign, move.count > 1 ? move[1] : "")
                .map { .client(String(parts[0]), $0) }
        }
    }

    private static func move(_ sign: Substring, _ rest: Substring) -> Move? {
        switch sign {
        case "+":
            let options = rest.split(separator: " ")
            guard let version = options.first?.split(separator: "=").last else { return nil }
            return .connect(
                version: String(version), isAnonymous: options.contains("anonymous"))
        case "-": return .ignore(rest.split(separator: " ").map(String.init))
        case ">": return .says(String(rest))
        case "<": return .hears(String(rest))
        case ">>": return bytes(rest).map(Move.saysBinary)
        case "<<": return bytes(rest).map(Move.hearsBinary)
        case ".": return duration(rest).map(Move.hearsNothing)
        case "!": return UInt16(rest).map(Move.isClosed)
        case "x": return rest == "1000" ? .closes : rest.isEmpty ? .drops : nil
        default: return nil
        }
    }

    /// `500ms`, `30s`
    private static func duration(_ text: Substring) -> Duration? {
        if text.hasSuffix("ms") { return Int(text.dropLast(2)).map { .milliseconds($0) } }
        return text.hasSuffix("s") ? Int(text.dropLast()).map { .seconds($0) } : nil
    }

    /// Words at spaces; what begins with `{` or a quote is one word to the end of the line.
    private static func words(_ text: Substring) -> [String] {
        guard let start = text.firstIndex(where: { $0 == "{" || $0 == "\"" }) else {
            return text.split(separator: " ").map(String.init)
        }
        let last = text[start...].drop { $0 == "\"" }
        return text[..<start].split(separator: " ").map(String.init)
            + [String(last.hasSuffix("\"") ? last.dropLast() : last)]
    }

    /// Pairs of hexadecimal digits, and text between single quotes.
    private static func bytes(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        for (index, part) in text.split(separator: "'", omittingEmptySubsequences: false)
            .enumerated()
        {
            if index % 2 == 1 {
                bytes.append(contentsOf: part.utf8)
                continue
            }
            for pair in part.split(separator: " ") {
                guard pair.utf8.count == 2, let byte = UInt8(pair, radix: 16) else { return nil }
                bytes.append(byte)
            }
        }
        return bytes
    }
}
