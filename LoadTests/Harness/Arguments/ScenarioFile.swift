import JSON

/// A scenario with its flags, kept in a file, so that a run can be repeated and reviewed:
///
///     {"scenario": "storm", "flags": {"people": 15000, "resume": true, "within": 10}}
///
/// Flags are named without their dashes; a switch is `true`, and `false` leaves it out. What
/// stands on the command line as well wins.
enum ScenarioFile {
    /// The words that the file stands for, with those of the command line behind them.
    static func words(of path: String, with given: [String]) throws(UsageError) -> [String] {
        guard let text = ProcessProbe.text(of: path) else {
            throw UsageError("--scenario: \(path) cannot be read")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(Array(text.utf8))
        } catch {
            throw UsageError("--scenario: \(path) is no JSON: \(error.reason)")
        }
        return try words(in: value, with: given)
    }

    static func words(
        in value: JSONValue, with given: [String]
    ) throws(UsageError) -> [String] {
        guard let name = value["scenario"]?.string else {
            throw UsageError(#"--scenario: expected {"scenario": NAME, "flags": {…}}"#)
        }
        let chosen = given.map { String($0.split(separator: "=", maxSplits: 1).first ?? "") }
        var words = [name]
        for member in value["flags"]?.object?.members ?? [] {
            let flag = "--\(member.name)"
            guard !chosen.contains(flag) else { continue }
            switch member.value {
            case .bool(true): words.append(flag)
            case .bool(false): continue
            case .string(let text): words.append("\(flag)=\(text)")
            case .integer(let number): words.append("\(flag)=\(number)")
            case .number(let number): words.append("\(flag)=\(number)")
            case .null, .array, .object:
                throw UsageError("--scenario: \(flag): expected a text, a number, true or false")
            }
        }
        return words + given
    }
}
