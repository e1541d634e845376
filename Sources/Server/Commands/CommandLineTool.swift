/// The whole program as a function: words and environment in, exit code out.
struct CommandLineTool {
    let environment: [String: String]
    let console: Console
    let isRoot: Bool

    /// Counted by the product, not by the protocol; see Protocol/README.md for that one.
    static let version = "0.1.0"

    /// `words` does not include the program's own name.
    func run(_ words: [String]) -> ExitCode {
        do {
            return try dispatch(words)
        } catch {
            console.error("rollcall: \(error.line)")
            return error.code
        }
    }

    private func dispatch(_ words: [String]) throws(Failure) -> ExitCode {
        guard let first = words.first else {
            console.error(overview)
            return .usage
        }
        switch first {
        case "-h", "--help", "help":
            return try help(about: words.dropFirst().first)
        case "-V", "--version", "version":
            console.out("rollcall \(CommandLineTool.version)")
            return .success
        case _:
            return try runSubcommand(named(first), words.dropFirst())
        }
    }

    private func help(about name: String?) throws(Failure) -> ExitCode {
        if let name, !name.hasPrefix("-") {
            console.out(Help.page(of: try named(name).synopsis))
        } else {
            console.out(overview)
        }
        return .success
    }

    private func runSubcommand(
        _ subcommand: Subcommand, _ words: some Collection<String>
    ) throws(Failure) -> ExitCode {
        let arguments = try Arguments(words, for: subcommand.synopsis)
        guard !arguments.asksForHelp else {
            console.out(Help.page(of: subcommand.synopsis))
            return .success
        }
        let known = Subcommand.allCases.flatMap { $0.synopsis.settings.compactMap(\.variable) }
        for warning in Settings.warnings(about: environment, known: known) {
            console.error("rollcall: warning: \(warning)")
        }
        let settings = Settings(arguments: arguments, environment: environment)
        return try subcommand.run(Run(settings: settings, console: console, isRoot: isRoot))
    }

    private func named(_ name: String) throws(Failure) -> Subcommand {
        guard let subcommand = Subcommand(rawValue: name) else {
            let names = Subcommand.allCases.map(\.rawValue)
            throw .usage(
                "unknown command \(name.quoted)\(Nearest.hint(to: name, in: names)); "
                    + "see rollcall --help")
        }
        return subcommand
    }

    private var overview: String { Help.overview(of: Subcommand.allCases.map(\.synopsis)) }
}
