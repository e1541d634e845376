import Glibc

/// What a JSON value is.
package enum JSONKind: Equatable, Sendable {
    case null, bool, number, string, array, object
}

/// A value inside the document that a ``JSONParser`` parsed last: a place on simdjson's tape.
///
/// For the message path: nothing is copied until a string is asked for. Using an element after
/// its parser has parsed again is our bug and stops the process.
package struct JSONElement {
    let parser: JSONParser
    let generation: UInt64
    let index: Int

    /// What the value is.
    package var kind: JSONKind {
        switch tag {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// Whether this is `null`.
    package var isNull: Bool { kind == .null }

    /// `true` or `false`; nil for anything else.
    package var bool: Bool? {
        kind == .bool ? tag == UInt8(ascii: "t") : nil
    }

    /// A number written as an integer that fits; nil for `1.0` or `1e3`.
    package var integer: Int64? {
        tag == UInt8(ascii: "l") ? Int64(bitPattern: word(index + 1)) : nil
    }

    /// Any number; beyond 2⁵³ the nearest double.
    package var number: Double? {
        switch tag {
        case UInt8(ascii: "l"): Double(Int64(bitPattern: word(index + 1)))
        case UInt8(ascii: "u"): Double(word(index + 1))
        case UInt8(ascii: "d"): Double(bitPattern: word(index + 1))
        default: nil
        }
    }

    /// The text of a string, escapes resolved; one copy.
    package var string: String? {
        kind == .string ? String(decoding: utf8, as: UTF8.self) : nil
    }

    /// The length of a string in bytes of UTF-8; nil for anything else.
    package var stringBytes: Int? {
        kind == .string ? utf8.count : nil
    }

    /// Whether this is the string `text`, without copying it.
    package func equals(_ text: String) -> Bool {
        guard kind == .string else { return false }
        return matches(text)
    }

    /// How many elements an array or members an object has (repeated names count); 0 otherwise.
    package var count: Int {
        switch kind {
        case .array, .object: Int(payload >> 32)
        case .null, .bool, .number, .string: 0
        }
    }

    /// The elements of an array or the values of an object, in the order of the text.
    package var children: JSONChildren {
        switch kind {
        case .array: JSONChildren(of: self, named: false)
        case .object: JSONChildren(of: self, named: true)
        case .null, .bool, .number, .string: JSONChildren(emptyAt: self)
        }
    }

    /// The `ordinal`-th child, from 0. Cost: linear in `ordinal`.
    package func child(_ ordinal: Int) -> JSONElement? {
        var rest = children
        for _ in 0..<ordinal where rest.next() == nil { return nil }
        return rest.next()?.value
    }

    /// An object's member and where it stands among the members, for ``RawJSON``.
    ///
    /// Where a name is repeated the last one counts, as in JavaScript and PostgreSQL's `jsonb`.
    package func member(_ name: String) -> (ordinal: Int, value: JSONElement)? {
        guard kind == .object else { return nil }
        var found: (ordinal: Int, value: JSONElement)?
        var members = children
        var ordinal = 0
        while let member = members.next() {
            if let key = member.name, key.matches(name) { found = (ordinal, member.value) }
            ordinal += 1
        }
        return found
    }

    /// An object's member; the last of a repeated name. See ``member(_:)``.
    package subscript(name: String) -> JSONElement? { member(name)?.value }

    /// A copy that outlives the parser; for cold paths. Recursion is bounded by
    /// ``JSONParser/maximumDepth``.
    package var value: JSONValue {
        switch kind {
        case .null: return .null
        case .bool: return .bool(tag == UInt8(ascii: "t"))
        case .number:
            if let integer { return .integer(integer) }
            return .number(number ?? 0)
        case .string: return .string(String(decoding: utf8, as: UTF8.self))
        case .array: return .array(children.map(\.value.value))
        case .object:
            return .object(
                JSONObject(
                    children.map { member in
                        .init(name: member.name?.string ?? "", value: member.value.value)
                    }))
        }
    }

    // MARK: the tape

    private var tag: UInt8 { UInt8(word(index) >> 56) }

    /// The low 56 bits of the word at `index`.
    private var payload: UInt64 { word(index) & 0x00FF_FFFF_FFFF_FFFF }

    /// Where the tape goes on behind this value.
    var next: Int {
        switch tag {
        case UInt8(ascii: "{"), UInt8(ascii: "["): Int(payload & 0xFFFF_FFFF)
        case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index + 2
        default: index + 1
        }
    }

    private func word(_ index: Int) -> UInt64 {
        guard generation == parser.generation, let tape = parser.tape else {
            preconditionFailure("an element outlived its document")
        }
        return tape[index]
    }

    /// Owned by the parser until its next parse; only used within one call.
    private var utf8: UnsafeBufferPointer<UInt8> {
        guard let strings = parser.strings else { preconditionFailure("no document") }
        let start = strings + Int(payload)
        let length = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return UnsafeBufferPointer(start: start + 4, count: Int(length))
    }

    private func matches(_ text: String) -> Bool {
        let own = utf8
        guard own.count == text.utf8.count else { return false }
        var text = text
        return text.withUTF8 { other in
            guard let left = own.baseAddress, let right = other.baseAddress else { return true }
            return memcmp(left, right, own.count) == 0
        }
    }
}
