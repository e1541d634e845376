/// The first line of a request, taken apart strictly (RFC 9112 §3).
struct RequestLine {
    let method: Method
    let path: String
    let query: String
    let version: Version

    /// `line` is without its line end.
    init(_ line: ArraySlice<UInt8>) throws(HTTPError) {
        // Exactly two single spaces: other whitespace is where parsers disagree (§3).
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isTokenCharacter) else {
            throw .malformedRequestLine
        }
        version = try RequestLine.version(Array(parts[2]))
        guard let method = Method(rawValue: String(decoding: parts[0], as: UTF8.self)) else {
            throw .unknownMethod
        }
        self.method = method
        guard parts[1].count <= HeadScanner.maximumTargetBytes else { throw .targetTooLong }
        let target = try RequestLine.originForm(of: parts[1], method)
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        let path = String(decoding: target[..<mark], as: UTF8.self)
        self.path = path.isEmpty ? "/" : path
        query = String(decoding: target[mark...].dropFirst(), as: UTF8.self)
    }

    private static func version(_ text: [UInt8]) throws(HTTPError) -> Version {
        guard text.count == 8, text.starts(with: "HTTP/".utf8), text[5].isDigit,
            text[6] == UInt8(ascii: "."), text[7].isDigit
        else { throw .malformedRequestLine }
        guard text[5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        return text[7] == UInt8(ascii: "0") ? .http10 : .http11
    }

    /// Reduces absolute-form, which every server must accept (§3.2.2), to path and query.
    private static func originForm(
        of target: ArraySlice<UInt8>, _ method: Method
    ) throws(HTTPError) -> ArraySlice<UInt8> {
        // A fragment never travels (RFC 9110 §4.1), nor does anything outside printable ASCII.
        guard target.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw .invalidTarget
        }
        if target.first == UInt8(ascii: "/") { return target }
        if method == .options, target.elementsEqual("*".utf8) { return target }
        let lowered = target.prefix(8).map(\.lowercased)
        for scheme in ["http://", "https://"] where lowered.starts(with: scheme.utf8) {
            let rest = target.dropFirst(scheme.utf8.count)
            let authorityEnd =
                rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
                ?? rest.endIndex
            guard authorityEnd > rest.startIndex else { throw .invalidTarget }
            return rest[authorityEnd...]
        }
        throw .invalidTarget
    }
}
