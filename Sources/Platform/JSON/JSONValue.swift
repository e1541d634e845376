/// A JSON value that owns its contents, for the cold paths: rooms, tokens, configuration.
///
///     let text = value["text"]?.string
///
/// The message path uses ``JSONElement`` and raw bytes instead.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// A number written as an integer that fits 64 signed bits.
    case integer(Int64)
    /// Any other number; an integer beyond `Int64` becomes the nearest double.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Parses `bytes` with a parser made for them, where no loop's parser is at hand.
    ///
    /// Otherwise ``JSONParser/value(of:storable:)``, which reuses its buffers.
    package static func parse(
        _ bytes: [UInt8], storable: Bool = false,
        maximumBytes: Int = JSONParser.defaultMaximumBytes
    ) throws(JSONError) -> JSONValue {
        try JSONParser(maximumBytes: maximumBytes).value(of: bytes, storable: storable)
    }

    /// Whether this is `null`.
    package var isNull: Bool { self == .null }

    /// `true` or `false`; nil for anything else.
    package var bool: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    /// A number written as an integer; nil for `1.0`.
    package var integer: Int64? {
        if case .integer(let integer) = self { integer } else { nil }
    }

    /// Any number, integers included.
    package var number: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The text of a string.
    package var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    /// The elements of an array.
    package var array: [JSONValue]? {
        if case .array(let array) = self { array } else { nil }
    }

    /// The members of an object.
    package var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// A member of an object; nil when absent or when this is no object.
    package subscript(name: String) -> JSONValue? { object?[name] }

    /// The value as compact JSON.
    package func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.value(self)
        return json.bytes
    }
}

/// Literals for everything but null, which stays `.null`, so that `nil` always means absent.
extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { .init(name: $0.0, value: $0.1) }))
    }
}
