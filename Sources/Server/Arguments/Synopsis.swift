/// What a subcommand takes, which is also what its help teaches.
struct Synopsis: Sendable {
    struct Example: Sendable {
        let command: String
        let meaning: String

        init(_ command: String, _ meaning: String) {
            self.command = command
            self.meaning = meaning
        }
    }

    let name: String

    /// One line, for the list of commands.
    let summary: String

    /// Paragraphs of lines at most 80 columns wide.
    let discussion: String

    /// The words that may stand as the one operand, such as `up`; empty: no operand.
    let operands: [String]

    let settings: [Setting]
    let examples: [Example]

    init(
        _ name: String, summary: String, discussion: String, operands: [String] = [],
        settings: [Setting], examples: [Example]
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.operands = operands
        self.settings = settings
        self.examples = examples
    }
}
