/// The part of YAML 1.2 that our two interface files keep to: mappings and lists by indentation,
/// plain or double-quoted scalars on one line, `|` blocks, and `[a, b]`, `[]` and `{}`.
///
/// Whatever else stands in a file is an error with its line, so what passes is plain YAML.
indirect enum YAML: Equatable {
    case scalar(String)
    case list([YAML])
    case map([(key: String, value: YAML)])

    struct Mistake: Error, CustomStringConvertible {
        let line: Int
        let what: String
        var description: String { "line \(line): \(what)" }
    }

    subscript(key: String) -> YAML? {
        guard case .map(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    var keys: [String] {
        guard case .map(let members) = self else { return [] }
        return members.map(\.key)
    }

    var items: [YAML] {
        guard case .list(let items) = self else { return [] }
        return items
    }

    var text: String? {
        guard case .scalar(let text) = self else { return nil }
        return text
    }

    static func == (left: YAML, right: YAML) -> Bool {
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.map(let left), .map(let right)):
            left.count == right.count
                && zip(left, right).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        case (.scalar, _), (.list, _), (.map, _): false
        }
    }

    /// Every value of a `$ref`, at any depth.
    var references: [String] {
        switch self {
        case .scalar: []
        case .list(let items): items.flatMap(\.references)
        case .map(let members):
            members.flatMap { member in
                member.key == "$ref" ? [member.value.text ?? ""] : member.value.references
            }
        }
    }

    /// What `#/a/b` names in this document.
    func resolve(_ reference: String) -> YAML? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(self as YAML?) { value, part in
            value?[String(part).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
    }

    init(parsing text: String) throws(Mistake) {
        var reader = YAMLReader(text)
        self = try reader.block(indentedBy: 0)
        if let line = reader.peek() { throw Mistake(line: line.number, what: "indented wrongly") }
    }
}

private struct YAMLReader {
    struct Line {
        let number: Int
        let indent: Int
        var text: String
    }

    private var lines: [Line]
    private let raw: [Substring]
    private var place = 0

    init(_ text: String) {
        raw = text.split(separator: "\n", omittingEmptySubsequences: false)
        lines = raw.enumerated().compactMap { index, line in
            let content = line.drop { $0 == " " }
            guard !content.isEmpty, !content.hasPrefix("#") else { return nil }
            return Line(
                number: index + 1, indent: line.count - content.count, text: String(content))
        }
    }

    func peek() -> Line? { place < lines.count ? lines[place] : nil }

    mutating func block(indentedBy indent: Int) throws(YAML.Mistake) -> YAML {
        guard let first = peek() else { throw YAML.Mistake(line: 0, what: "nothing is here") }
        return first.text.hasPrefix("- ") ? try list(indent) : try map(indent)
    }

    private mutating func list(_ indent: Int) throws(YAML.Mistake) -> YAML {
        var items: [YAML] = []
        while let line = peek(), line.indent == indent, line.text.hasPrefix("- ") {
            let rest = String(line.text.dropFirst(2))
            if key(of: rest) == nil {
                place += 1
                items.append(try scalar(rest, line.number))
            } else {
                // `- a: b` begins a mapping whose members stand two columns further in.
                lines[place] = Line(number: line.number, indent: indent + 2, text: rest)
                items.append(try map(indent + 2))
            }
        }
        return .list(items)
    }

    private mutating func map(_ indent: Int) throws(YAML.Mistake) -> YAML {
        var members: [(key: String, value: YAML)] = []
        while let line = peek(), line.indent == indent, !line.text.hasPrefix("- ") {
            guard let (key, rest) = key(of: line.text) else {
                throw YAML.Mistake(line: line.number, what: "expected a key")
            }
            guard !members.contains(where: { $0.key == key }) else {
                throw YAML.Mistake(line: line.number, what: "\(key) stands here twice")
            }
            place += 1
            members.append((key, try value(rest, after: line)))
        }
        return .map(members)
    }

    private mutating func value(
        _ rest: String, after line: Line
    ) throws(YAML.Mistake) -> YAML {
        if rest == "|" { return .scalar(literal(below: line)) }
        if !rest.isEmpty { return try scalar(rest, line.number) }
        guard let next = peek(), next.indent > line.indent else {
            throw YAML.Mistake(line: line.number, what: "a key without a value")
        }
        return try block(indentedBy: next.indent)
    }

    private mutating func literal(below line: Line) -> String {
        var text: [Substring] = []
        while let next = peek(), next.indent > line.indent {
            text.append(raw[next.number - 1])
            place += 1
        }
        return text.joined(separator: "\n")
    }

    /// `key: rest`, `"key": rest`, or `key:` alone.
    private func key(of text: String) -> (String, String)? {
        guard let match = text.firstMatch(of: /^("[^"]*"|[^"\s\[{#&*!|>%@`'][^#]*?):(?: (.*))?$/)
        else { return nil }
        return (String(match.1.filter { $0 != "\"" }), String(match.2 ?? ""))
    }

    private func scalar(_ text: String, _ line: Int) throws(YAML.Mistake) -> YAML {
        if text == "{}" { return .map([]) }
        if text == "[]" { return .list([]) }
        if text.hasPrefix("["), text.hasSuffix("]") {
            let items = text.dropFirst().dropLast().split(separator: ",")
            return .list(items.map { .scalar($0.trimming { $0 == " " }) })
        }
        if text.hasPrefix("\"") {
            guard text.count > 1, text.hasSuffix("\"") else {
                throw YAML.Mistake(line: line, what: "a quote is not closed")
            }
            return .scalar(String(text.dropFirst().dropLast()))
        }
        // What would begin a tag, an anchor, an alias or a flow, or end a plain scalar.
        guard let first = text.first, !"&*!|>%@`'{[]},#?".contains(first),
            !text.contains(": "), !text.contains(" #")
        else { throw YAML.Mistake(line: line, what: "quote this: \(text)") }
        return .scalar(text)
    }
}

extension Substring {
    fileprivate func trimming(_ isSpace: (Character) -> Bool) -> String {
        var text = drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }
}
