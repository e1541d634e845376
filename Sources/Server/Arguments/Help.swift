/// The texts of `--help`, from the same tables that the parser reads.
enum Help {
    /// The overview: what the program is and which commands it has.
    static func overview(of commands: [Synopsis]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        let list = commands.map { "  \($0.name.padded(to: width + 2))\($0.summary)" }
        return """
            Rollcall: realtime messaging and presence for course platforms.

            usage: rollcall COMMAND [flags]

            commands:
            \(list.joined(separator: "\n"))

            rollcall COMMAND --help teaches a command, rollcall --version prints the version.
            Flags win over environment variables. Without DATABASE_URL the server runs a private
            PostgreSQL cluster of its own in the data directory, so this is enough to begin:

              rollcall serve --demo

            """
    }

    /// One command: what it does, its flags with variables and defaults, examples.
    static func page(of command: Synopsis) -> String {
        var usage = "usage: rollcall \(command.name)"
        if !command.operands.isEmpty { usage += " " + command.operands.joined(separator: "|") }
        if !command.settings.isEmpty { usage += " [flags]" }
        var page = "\(usage)\n\n\(command.discussion)\n"
        if !command.settings.isEmpty {
            page += "\nsettings:\n" + command.settings.map(entry).joined()
        }
        if !command.examples.isEmpty {
            page += "\nexamples:\n"
            page += command.examples.map { "  \($0.command)\n      \($0.meaning)\n" }.joined()
        }
        return page
    }

    private static func entry(for setting: Setting) -> String {
        let flag = setting.flag.map { flag in
            setting.placeholder.map { "\(flag) \($0)" } ?? flag
        }
        let variable = setting.variable.map { variable in
            flag == nil ? "\(variable)=\(setting.placeholder ?? "1")" : variable
        }
        let title = [flag, variable].compactMap { $0 }.joined(separator: ", ")
        let tail = setting.fallback.map { "      default: \($0)\n" } ?? ""
        return "  \(title)\n      \(setting.summary)\n\(tail)"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
