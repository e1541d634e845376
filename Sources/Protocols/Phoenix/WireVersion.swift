/// The serialization a socket speaks, chosen once by the `vsn` parameter of its URL.
///
/// Sources: Phoenix `serializers/v1_json_serializer.ex` and `v2_json_serializer.ex`.
package enum WireVersion: Int, CaseIterable, Sendable {
    /// JSON objects in text frames, no binary; what PyPI's `realtime` speaks.
    case v1
    /// JSON arrays in text frames, and binary frames.
    case v2

    /// The version for a `vsn` parameter; nil means the socket is to be refused.
    ///
    /// An absent parameter is `1.0.0`, as in Phoenix, which matches `~> 1.0.0` and `~> 2.0.0`:
    /// any patch number, no pre-release.
    package init?(vsn: String?) {
        guard let vsn else {
            self = .v1
            return
        }
        let release = vsn.prefix { $0 != "+" }
        let numbers = release.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy(WireVersion.isNumber) else { return nil }
        switch (numbers[0], numbers[1]) {
        case ("1", "0"): self = .v1
        case ("2", "0"): self = .v2
        default: return nil
        }
    }

    /// Digits without a leading zero (Semantic Versioning 2.0.0 §2).
    private static func isNumber(_ text: Substring) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return !text.isEmpty && text.utf8.allSatisfy(digits.contains)
            && (text == "0" || text.first != "0")
    }
}
