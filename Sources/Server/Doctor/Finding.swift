/// One line of `rollcall doctor`.
struct Finding: Hashable, Sendable {
    /// Whether somebody must do something.
    let isWell: Bool
    let text: String

    static func well(_ text: String) -> Finding { Finding(isWell: true, text: text) }

    /// `remedy` says what to do, in the imperative.
    static func mend(_ text: String, _ remedy: String) -> Finding {
        Finding(isWell: false, text: "\(text)\n    → \(remedy)")
    }

    var line: String { "\(isWell ? "✓" : "!") \(text)" }
}
