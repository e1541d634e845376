package import Basics

/// A value for `$1`, `$2` … of a statement, in PostgreSQL's binary format.
///
/// Binary throughout: arrays cost the server a fifth less than as text, and a zero byte inside a
/// text is refused by the server instead of silently ending the value.
package struct PostgresParameter: Sendable {
    /// Nil for SQL's null.
    let bytes: [UInt8]?

    package static let null = PostgresParameter(bytes: nil)

    /// A `text`. One with U+0000 is refused by the server.
    package static func text(_ value: String) -> PostgresParameter {
        PostgresParameter(bytes: Array(value.utf8))
    }

    /// A `boolean`.
    package static func bool(_ value: Bool) -> PostgresParameter {
        PostgresParameter(bytes: [value ? 1 : 0])
    }

    /// An `integer`.
    package static func int4(_ value: Int32) -> PostgresParameter {
        scalar { $0.append(value) }
    }

    /// A `bigint`.
    package static func int8(_ value: Int64) -> PostgresParameter {
        scalar { $0.append(value) }
    }

    /// A `timestamptz`.
    package static func timestamp(_ value: Timestamp) -> PostgresParameter {
        scalar { $0.append(PostgresTime.encode(value)) }
    }

    /// A `smallint[]`.
    package static func int2Array(_ values: [Int16]) -> PostgresParameter {
        array(of: .int2, values) { $0.appendSized($1) }
    }

    /// An `integer[]`.
    package static func int4Array(_ values: [Int32]) -> PostgresParameter {
        array(of: .int4, values) { $0.appendSized($1) }
    }

    /// A `bigint[]`.
    package static func int8Array(_ values: [Int64]) -> PostgresParameter {
        array(of: .int8, values) { $0.appendSized($1) }
    }

    /// A `boolean[]`.
    package static func boolArray(_ values: [Bool]) -> PostgresParameter {
        array(of: .bool, values) { $0.appendSized(UInt8($1 ? 1 : 0)) }
    }

    /// A `uuid[]`.
    package static func uuidArray(_ values: [PostgresUUID]) -> PostgresParameter {
        array(of: .uuid, values) {
            $0.append(Int32(16))
            $0.append($1.high)
            $0.append($1.low)
        }
    }

    /// A `bytea[]`.
    package static func byteaArray(_ values: [[UInt8]]) -> PostgresParameter {
        array(of: .bytea, values) { $0.appendSized($1) }
    }

    /// The bytes need not be valid UTF-8; the server refuses the statement when they are not.
    package static func textArray(_ values: [[UInt8]]) -> PostgresParameter {
        array(of: .text, values) { $0.appendSized($1) }
    }

    /// A `text[]`.
    package static func textArray(_ values: [String]) -> PostgresParameter {
        array(of: .text, values) { $0.appendSized($1.utf8) }
    }

    /// Type identifiers of `pg_type.dat`, fixed for ever.
    private enum ElementType: Int32 {
        case bool = 16
        case bytea = 17
        case int8 = 20
        case int2 = 21
        case int4 = 23
        case text = 25
        case uuid = 2950
    }

    private static func scalar(_ write: (inout BinaryWriter) -> Void) -> PostgresParameter {
        var writer = BinaryWriter()
        write(&writer)
        return PostgresParameter(bytes: writer.bytes)
    }

    /// The layout of `array_recv`: dimensions, whether nulls occur, element type, then length and
    /// lower bound of the one dimension, then each element behind its length.
    private static func array<Element>(
        of type: ElementType, _ values: [Element],
        _ write: (inout BinaryWriter, Element) -> Void
    ) -> PostgresParameter {
        var writer = BinaryWriter()
        writer.append(Int32(values.isEmpty ? 0 : 1))
        writer.append(Int32(0))
        writer.append(type.rawValue)
        if !values.isEmpty {
            writer.append(Int32(values.count))
            writer.append(Int32(1))
        }
        for value in values { write(&writer, value) }
        return PostgresParameter(bytes: writer.bytes)
    }
}

/// Sixteen bytes, as PostgreSQL's uuid.
package struct PostgresUUID: Sendable, Hashable {
    let high: UInt64
    let low: UInt64

    /// Takes the first 16 of `bytes`, which must have so many.
    package init(firstOf bytes: [UInt8]) {
        high = bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// PostgreSQL's timestamps: microseconds since 2000-01-01, with both ends for the infinities.
enum PostgresTime {
    static func encode(_ time: Timestamp) -> Int64 {
        let (value, overflow) = time.microseconds.subtractingReportingOverflow(epoch)
        return overflow ? .min : value
    }

    /// Infinity, and what lies beyond ours, becomes the furthest time we have.
    static func decode(_ value: Int64) -> Timestamp {
        guard value != .min else { return Timestamp(microseconds: .min) }
        let (time, overflow) = value.addingReportingOverflow(epoch)
        return Timestamp(microseconds: overflow ? .max : time)
    }

    /// 2000-01-01T00:00:00Z in microseconds since 1970.
    private static let epoch: Int64 = 946_684_800 * 1_000_000
}

/// Collects big-endian fields.
struct BinaryWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func appendSized(_ value: some FixedWidthInteger) {
        append(Int32(value.bitWidth / 8))
        append(value)
    }

    mutating func appendSized(_ value: some Collection<UInt8>) {
        append(Int32(value.count))
        bytes.append(contentsOf: value)
    }
}
