/// The settings of one run: the command line over the environment.
struct Settings: Sendable {
    /// A value as somebody wrote it, and where, so that a complaint can name the place.
    struct Found: Sendable {
        let text: String
        let place: Place

        /// The one clear line about a wrong value.
        ///
        /// `shown` replaces the value where it must not be shown.
        func wrong(expected: String, shown: String? = nil) -> Failure {
            let line = "\(place.name): found \(shown ?? text.quoted), expected \(expected)"
            return switch place {
            case .flag: .usage(line)
            case .variable: .configuration(line)
            }
        }
    }

    enum Place: Hashable, Sendable {
        case flag(String)
        case variable(String)

        var name: String {
            switch self {
            case .flag(let name), .variable(let name): name
            }
        }
    }

    let arguments: Arguments
    let environment: [String: String]

    /// The flag's value if the flag is there, else the variable's unless that is empty: an empty
    /// variable is how shells and unit files unset one.
    func value(of setting: Setting) -> Found? {
        if let flag = setting.flag, let text = arguments.values[flag] {
            return Found(text: text, place: .flag(flag))
        }
        if let variable = setting.variable, let text = environment[variable], !text.isEmpty {
            return Found(text: text, place: .variable(variable))
        }
        return nil
    }

    /// Whether a switch is on: the flag is there, or the variable is `1`; `0` is off.
    func isOn(_ setting: Setting) throws(Failure) -> Bool {
        guard let found = value(of: setting) else { return false }
        switch (found.place, found.text) {
        case (.flag, _), (.variable, "1"): return true
        case (.variable, "0"): return false
        case (.variable, _): throw found.wrong(expected: "1 or 0")
        }
    }

    /// One warning for each `ROLLCALL_` variable that nothing reads: most often a slip.
    ///
    /// `known` are the variables of all commands, since they share one environment.
    static func warnings(about environment: [String: String], known: [String]) -> [String] {
        let prefix = "ROLLCALL_"
        // What all of them share says nothing about which one was meant.
        let stems = known.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        return environment.keys.sorted()
            .filter { $0.hasPrefix(prefix) && !known.contains($0) }
            .map { name in
                let nearest = Nearest.name(to: String(name.dropFirst(prefix.count)), in: stems)
                let hint = nearest.map { ", did you mean \(prefix)\($0)?" } ?? ""
                return "\(name): no such setting\(hint); ignored"
            }
    }
}
