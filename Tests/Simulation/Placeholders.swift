import JSON

/// What `<name>` stands for in a transcript: bound where it is first heard, the same ever after.
/// `<_>` stands for anything, every time.
struct Placeholders {
    private var values: [String: JSONValue] = [:]

    /// `value` as `pattern` expects it; binds what is heard for the first time.
    mutating func match(_ pattern: JSONValue, _ value: JSONValue) -> Bool {
        switch (pattern, value) {
        case (.string(let text), _) where Self.name(text) != nil:
            let name = Self.name(text) ?? ""
            if name == "_" { return true }
            if let bound = values[name] { return bound == value }
            values[name] = value
            return true
        case (.string(let text), .string(let found)): return match(text, found)
        case (.array(let patterns), .array(let found)):
            return patterns.count == found.count
                && zip(patterns, found).allSatisfy { match($0, $1) }
        case (.object(let patterns), .object(let found)):
            return patterns.members.count == found.members.count
                && patterns.members.allSatisfy { member in
                    found[member.name].map { match(member.value, $0) } ?? false
                }
        default: return pattern == value
        }
    }

    /// A text with a placeholder in it, such as `<epoch>-12`.
    private mutating func match(_ pattern: String, _ found: String) -> Bool {
        let known = replaced(pattern)
        guard let open = known.firstIndex(of: "<"),
            let close = known[open...].firstIndex(of: ">")
        else { return known == found }
        let name = String(known[known.index(after: open)..<close])
        let (before, after) = (known[..<open], known[known.index(after: close)...])
        guard found.count > before.count + after.count, found.hasPrefix(before),
            found.hasSuffix(after)
        else { return false }
        values[name] = .string(String(found.dropFirst(before.count).dropLast(after.count)))
        return true
    }

    /// What is said: `json` with every bound name replaced.
    func filled(_ json: JSONValue) -> JSONValue {
        switch json {
        case .string(let text):
            if let name = Self.name(text), let value = values[name] { return value }
            return .string(replaced(text))
        case .array(let values): return .array(values.map(filled))
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.map { .init(name: $0.name, value: filled($0.value)) }))
        default: return json
        }
    }

    private func replaced(_ text: String) -> String {
        var text = text
        for (name, value) in values {
            guard let found = value.string else { continue }
            text = text.split(separator: "<\(name)>", omittingEmptySubsequences: false)
                .joined(separator: found)
        }
        return text
    }

    private static func name(_ text: String) -> String? {
        guard text.hasPrefix("<"), text.hasSuffix(">"), text.filter({ $0 == "<" }).count == 1
        else { return nil }
        return String(text.dropFirst().dropLast())
    }
}
