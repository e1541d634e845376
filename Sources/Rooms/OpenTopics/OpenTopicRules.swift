package import JSON

/// Who may join which `realtime:<name>` topic, from the operator's rules file.
///
///     {"realtime": [
///         {"topics": "lobby-*", "join": "anyone", "anonymous_may_send": false},
///         {"topics": "*", "join": "people"}
///     ]}
///
/// The first rule whose pattern matches counts; a `*` at the end of a pattern stands for any
/// rest. A topic that no rule names is closed.
package struct OpenTopicRules: Sendable, Equatable {
    /// Who may join: any valid token, only one of a person, or nobody.
    package enum Join: String, Sendable {
        case anyone, people, nobody
    }

    /// One rule: which topics it is about, who may join them, and what a key without a person may
    /// do.
    package struct Rule: Sendable, Equatable {
        package let pattern: String
        package let join: Join
        package let anonymousMaySend: Bool

        /// Byte for byte, as topics are told apart: Swift's own comparison would take two Unicode
        /// spellings for one name, and not find `staff-` before a combining accent.
        fileprivate func matches(_ name: some StringProtocol) -> Bool {
            pattern.utf8.last == UInt8(ascii: "*")
                ? name.utf8.starts(with: pattern.utf8.dropLast())
                : name.utf8.elementsEqual(pattern.utf8)
        }
    }

    private let rules: [Rule]

    /// Anyone with a valid token or anonymous key, as Supabase's public channels: the operator
    /// decides by handing out anonymous keys, and closes it with a rules file.
    package static let standard = OpenTopicRules(rules: [
        Rule(pattern: "*", join: .anyone, anonymousMaySend: true)
    ])

    private init(rules: [Rule]) {
        self.rules = rules
    }

    func rule(for name: some StringProtocol) -> Rule {
        rules.first { $0.matches(name) }
            ?? Rule(pattern: "*", join: .nobody, anonymousMaySend: false)
    }

    /// What is wrong with a rules file, for the operator.
    package struct Mistake: Error, Equatable {
        package let message: String
    }

    /// Reads the `realtime` list of a rules file.
    package init(_ file: JSONValue) throws(Mistake) {
        guard let list = file["realtime"]?.array else {
            throw Mistake(message: "the rules file needs a list named realtime")
        }
        var rules: [Rule] = []
        for (index, item) in list.enumerated() {
            guard let pattern = item["topics"]?.string, !pattern.isEmpty else {
                throw Mistake(message: "rule \(index + 1): topics must be a pattern such as *")
            }
            guard let join = item["join"]?.string.flatMap(Join.init(rawValue:)) else {
                throw Mistake(
                    message: "rule \(index + 1): join must be anyone, people or nobody")
            }
            let maySend = item["anonymous_may_send"]?.bool ?? false
            rules.append(Rule(pattern: pattern, join: join, anonymousMaySend: maySend))
        }
        self.init(rules: rules)
    }
}
