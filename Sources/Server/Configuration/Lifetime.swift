/// How long a token holds, as people write it: `30s`, `15m`, `1h`, `7d`.
struct Lifetime: Hashable, Sendable {
    let seconds: Int64

    static let standard = Lifetime(seconds: 3_600)

    /// A year and a day, enough for a term and its resits; a token cannot be called back, so
    /// one that holds longer is a password that nobody changes.
    static let longestSeconds: Int64 = 366 * 86_400

    private init(seconds: Int64) {
        self.seconds = seconds
    }

    /// Nil unless it is a whole positive number with a unit, at most ``longestSeconds``.
    init?(_ text: String) {
        guard let unit = text.last, let scale = Lifetime.secondsPerUnit[unit] else { return nil }
        let digits = text.dropLast()
        guard digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let count = Int64(digits) else {
            return nil
        }
        let (seconds, overflows) = count.multipliedReportingOverflow(by: scale)
        guard !overflows, 1...Lifetime.longestSeconds ~= seconds else { return nil }
        self.init(seconds: seconds)
    }

    private static let secondsPerUnit: [Character: Int64] = [
        "s": 1, "m": 60, "h": 3_600, "d": 86_400,
    ]
}
