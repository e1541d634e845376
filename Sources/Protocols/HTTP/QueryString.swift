/// The names and values of a query, decoded as forms are (WHATWG URL, §5.1).
///
/// A name may come several times. The request target's own limit bounds how many there are.
package struct QueryString: Sendable {
    /// Decoded, in the order they came.
    package let pairs: [(name: String, value: String)]

    /// Nil when an escape is malformed or something is not UTF-8: better refused than guessed.
    package init?(_ query: String) {
        var pairs: [(name: String, value: String)] = []
        for part in query.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            guard
                let name = PercentEncoding.decode(part[..<equals], plusIsSpace: true),
                let value = PercentEncoding.decode(part[equals...].dropFirst(), plusIsSpace: true)
            else { return nil }
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    /// The first value of that name; names are compared exactly.
    package subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }
}
