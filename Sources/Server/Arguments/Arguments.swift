/// The command line of one subcommand, taken apart; the values themselves are not judged yet.
struct Arguments: Sendable {
    /// By flag, with both dashes; a switch has the empty text.
    private(set) var values: [String: String] = [:]

    /// The operand where the synopsis asks for one.
    private(set) var operand: String?

    private(set) var asksForHelp = false

    /// Accepts `--flag value`, `--flag=value`, switches, `-h` and `--help`; a value may begin
    /// with a dash only in the `=` form, so that a forgotten value is not swallowed.
    ///
    /// `words` is what follows the name of the subcommand. Once help is asked for, nothing else
    /// is held against the line: somebody who asks for help is looking for what is wrong.
    init(_ words: some Collection<String>, for synopsis: Synopsis) throws(Failure) {
        if words.contains(where: { $0 == "-h" || $0 == "--help" }) {
            asksForHelp = true
            return
        }
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            if word.hasPrefix("-") {
                try take(word, from: &rest, for: synopsis)
            } else {
                try takeOperand(word, for: synopsis)
            }
        }
        if operand == nil, !synopsis.operands.isEmpty {
            throw .usage("\(synopsis.name): expected one of \(synopsis.operands.listed)")
        }
    }

    private mutating func take(
        _ word: String, from rest: inout ArraySlice<String>, for synopsis: Synopsis
    ) throws(Failure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let flag = String(parts[0])
        guard let setting = synopsis.settings.first(where: { $0.flag == flag }) else {
            let known = synopsis.settings.compactMap(\.flag)
            throw .usage(
                "\(synopsis.name): unknown flag \(flag.quoted)\(Nearest.hint(to: flag, in: known))"
                    + "; see rollcall \(synopsis.name) --help")
        }
        guard values[flag] == nil else { throw .usage("\(flag): given more than once") }
        switch (setting.placeholder, parts.count) {
        case (nil, 1):
            values[flag] = ""
        case (nil, _):
            throw .usage("\(flag): found a value, expected none")
        case (_, 2):
            values[flag] = String(parts[1])
        case (let placeholder?, _):
            guard let value = rest.first, !value.hasPrefix("-") else {
                throw .usage("\(flag): found no value, expected \(placeholder)")
            }
            rest.removeFirst()
            values[flag] = value
        }
    }

    private mutating func takeOperand(_ word: String, for synopsis: Synopsis) throws(Failure) {
        guard !synopsis.operands.isEmpty, operand == nil else {
            throw .usage("\(synopsis.name): unexpected argument \(word.quoted)")
        }
        guard synopsis.operands.contains(word) else {
            throw .usage(
                "\(synopsis.name): found \(word.quoted), expected one of "
                    + synopsis.operands.listed + Nearest.hint(to: word, in: synopsis.operands))
        }
        operand = word
    }
}
