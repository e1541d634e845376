/// One thing that can be set: by a flag, by an environment variable, or by either.
///
/// Where both are given the flag wins: it is what somebody typed for this one run.
struct Setting: Sendable {
    /// With both dashes, such as `--listen`; nil where only the environment may say it.
    let flag: String?

    /// What the help calls the value, such as `HOST:PORT`; nil for a switch.
    let placeholder: String?

    /// Such as `ROLLCALL_LISTEN`; nil where only the command line may say it.
    let variable: String?

    /// What holds when nobody says anything, as the help prints it.
    let fallback: String?

    let summary: String

    init(
        _ flag: String?, _ placeholder: String? = nil, variable: String? = nil,
        fallback: String? = nil, summary: String
    ) {
        self.flag = flag
        self.placeholder = placeholder
        self.variable = variable
        self.fallback = fallback
        self.summary = summary
    }

    var isSwitch: Bool { placeholder == nil }
}
