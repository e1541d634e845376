/// The fields of one head: ordered, repeated names kept, names compared without case.
///
/// Keeps the head's bytes as they came and marks where each name and value lies, so that
/// looking for a field makes no strings.
package struct Headers: Sendable {
    struct Field: Sendable {
        var name: Range<Int>
        var value: Range<Int>
    }

    private let bytes: [UInt8]
    private let fields: [Field]

    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    /// Fields made here, not received: names must be tokens.
    package init(_ pairs: [(name: String, value: String)]) {
        var bytes: [UInt8] = []
        var fields: [Field] = []
        for pair in pairs {
            let start = bytes.count
            bytes.append(contentsOf: pair.name.utf8)
            let middle = bytes.count
            bytes.append(contentsOf: pair.value.utf8)
            fields.append(Field(name: start..<middle, value: middle..<bytes.count))
        }
        self.init(bytes: bytes, fields: fields)
    }

    /// How many fields there are, repeated names counted each time.
    package var count: Int { fields.count }

    /// The first value of that name. Bytes that are not UTF-8 are replaced by U+FFFD.
    package subscript(name: String) -> String? {
        guard let field = fields.first(where: { matches($0, name) }) else { return nil }
        return text(field.value)
    }

    /// All values of that name, in the order they came.
    package func values(of name: String) -> [String] {
        var values: [String] = []
        for field in fields where matches(field, name) { values.append(text(field.value)) }
        return values
    }

    /// Every name and value, in the order they came.
    package var pairs: [(name: String, value: String)] {
        fields.map { (text($0.name), text($0.value)) }
    }

    /// The members of a comma-separated field, over all its lines, trimmed, empty ones left out
    /// (RFC 9110 §5.6.1). For fields whose members hold no quoted commas.
    package func list(_ name: String) -> [String] {
        var members: [String] = []
        for field in fields where matches(field, name) {
            for member in bytes[field.value].split(separator: UInt8(ascii: ",")) {
                let trimmed = Headers.trimmed(member.indices, of: bytes)
                if !trimmed.isEmpty { members.append(text(trimmed)) }
            }
        }
        return members
    }

    /// Whether a comma-separated field has that member, compared without case.
    package func list(_ name: String, contains token: String) -> Bool {
        for field in fields where matches(field, name) {
            for member in bytes[field.value].split(separator: UInt8(ascii: ","))
            where equal(Headers.trimmed(member.indices, of: bytes), token) {
                return true
            }
        }
        return false
    }

    /// `range` without the spaces and tabs at its ends (OWS, RFC 9110 §5.6.3).
    static func trimmed(_ range: Range<Int>, of bytes: [UInt8]) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start].isBlank { start += 1 }
        while end > start, bytes[end - 1].isBlank { end -= 1 }
        return start..<end
    }

    private func matches(_ field: Field, _ name: String) -> Bool {
        equal(field.name, name)
    }

    private func equal(_ range: Range<Int>, _ text: String) -> Bool {
        let other = text.utf8
        guard range.count == other.count else { return false }
        var index = range.lowerBound
        for byte in other {
            if bytes[index].lowercased != byte.lowercased { return false }
            index += 1
        }
        return true
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

extension Headers {
    /// The rules on every field: names are tokens (RFC 9110 §5.1), values hold no control
    /// characters but the tab (RFC 9110 §5.5), which also finds a lone CR (RFC 9112 §2.2).
    func validate() throws(HTTPError) {
        for field in fields {
            guard !field.name.isEmpty else { throw .invalidHeader }
            for index in field.name where !bytes[index].isTokenCharacter { throw .invalidHeader }
            for index in field.value where !bytes[index].isValueCharacter { throw .invalidHeader }
        }
    }
}
