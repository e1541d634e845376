/// Builds compact JSON by appending; commas take care of themselves.
///
///     var json = JSONWriter()
///     json.object { json in
///         json.field("text", "hi")
///         json.field("payload", raw: payload)
///     }
///
/// It trusts its caller to nest and name properly, and to splice only validated bytes.
package struct JSONWriter {
    /// What has been written so far.
    package private(set) var bytes: [UInt8]
    /// Whether the next value or name follows another one in the same container.
    private var needsComma = false

    /// An empty writer with room for `capacity` bytes.
    package init(reserving capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Begins an object; names and values follow until ``endObject()``.
    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    /// Ends the object begun last.
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    /// Begins an array; values follow until ``endArray()``.
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    /// Ends the array begun last.
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A member's name; exactly one value must follow.
    package mutating func name(_ name: String) {
        separate()
        JSONText.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A string, escaped as ``JSONText/append(_:to:)`` says.
    package mutating func string(_ text: String) {
        separate()
        JSONText.append(text, to: &bytes)
    }

    /// An integer, all of its digits. JavaScript keeps 53 bits of them.
    package mutating func integer(_ integer: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: integer.description.utf8)
    }

    /// The shortest decimal that reads back as the same double. Infinities and NaN, which JSON
    /// lacks (RFC 8259 §6), become null, as in JavaScript.
    package mutating func number(_ number: Double) {
        separate()
        bytes.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
    }

    /// `true` or `false`.
    package mutating func bool(_ bool: Bool) {
        separate()
        bytes.append(contentsOf: (bool ? "true" : "false").utf8)
    }

    /// `null`.
    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Splices bytes that are one valid JSON value, unchanged.
    package mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// A whole tree.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members { field(member.name, member.value) }
            endObject()
        }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}

/// Members and containers in one call.
extension JSONWriter {
    /// A member with a string.
    package mutating func field(_ name: String, _ text: String) {
        self.name(name)
        string(text)
    }

    /// A member with an integer.
    package mutating func field(_ name: String, _ integer: some BinaryInteger) {
        self.name(name)
        self.integer(integer)
    }

    /// A member with a double; see ``number(_:)``.
    package mutating func field(_ name: String, _ number: Double) {
        self.name(name)
        self.number(number)
    }

    /// A member with `true` or `false`.
    package mutating func field(_ name: String, _ bool: Bool) {
        self.name(name)
        self.bool(bool)
    }

    /// A member with a tree.
    package mutating func field(_ name: String, _ value: JSONValue) {
        self.name(name)
        self.value(value)
    }

    /// A member whose value is already valid JSON, spliced unchanged.
    package mutating func field(_ name: String, raw json: [UInt8]) {
        self.name(name)
        raw(json)
    }

    /// An object whose members `body` writes.
    package mutating func object<Failure>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginObject()
        try body(&self)
        endObject()
    }

    /// An array whose elements `body` writes.
    package mutating func array<Failure>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// A member with an object whose members `body` writes.
    package mutating func field<Failure>(
        _ name: String, object body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        self.name(name)
        try object(body)
    }

    /// A member with an array whose elements `body` writes.
    package mutating func field<Failure>(
        _ name: String, array body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        self.name(name)
        try array(body)
    }
}
