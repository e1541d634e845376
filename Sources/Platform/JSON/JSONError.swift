/// Why bytes are refused as JSON. Always the peer's fault, and never contains its text.
package enum JSONError: Error, Equatable, Sendable, CaseIterable {
    /// Nothing but white space.
    case empty
    /// Not RFC 8259, or a number beyond what a 64-bit integer or double holds.
    case malformed
    /// Containers nested beyond ``JSONParser/maximumDepth``.
    case tooDeep
    /// More bytes than the parser was made for.
    case tooLarge
    /// Bytes that are not UTF-8 (RFC 8259 §8.1).
    case invalidUTF8
    /// Grammatical, but with text nobody can store: an escaped lone surrogate, or `\u0000`
    /// where the caller asked for storable text. PostgreSQL refuses both.
    case unstorableText

    /// For people: what was expected. Harmless to send to the peer.
    package var reason: String {
        switch self {
        case .empty: "expected a JSON value, found nothing"
        case .malformed: "not valid JSON"
        case .tooDeep: "JSON nested deeper than \(JSONParser.maximumDepth) levels"
        case .tooLarge: "JSON larger than the limit"
        case .invalidUTF8: "JSON is not UTF-8"
        case .unstorableText: "text holds U+0000 or a lone surrogate"
        }
    }
}
