package import Basics
import CLibpq

/// The rows that a statement returned, in binary format.
///
/// Columns are asked for with the type that our own SQL gives them; a mismatch is our bug and
/// ends the process with the column's name. Rows and columns count from 0.
package final class PostgresRows {
    /// Owned from libpq's `PQgetResult` until `deinit`.
    private let result: OpaquePointer

    init(owning result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    package var count: Int { Int(PQntuples(result)) }

    /// Whether the field is SQL's null.
    package func isNull(_ row: Int, _ column: Int) -> Bool {
        PQgetisnull(result, Int32(row), Int32(column)) == 1
    }

    /// A `smallint`.
    package func int2(_ row: Int, _ column: Int) -> Int16 {
        Int16(truncatingIfNeeded: integer(row, column, bytes: 2))
    }

    /// An `integer`.
    package func int4(_ row: Int, _ column: Int) -> Int32 {
        Int32(truncatingIfNeeded: integer(row, column, bytes: 4))
    }

    /// A `bigint`.
    package func int8(_ row: Int, _ column: Int) -> Int64 {
        Int64(truncatingIfNeeded: integer(row, column, bytes: 8))
    }

    /// A `boolean`.
    package func bool(_ row: Int, _ column: Int) -> Bool {
        integer(row, column, bytes: 1) != 0
    }

    /// A `timestamptz`.
    package func timestamp(_ row: Int, _ column: Int) -> Timestamp {
        PostgresTime.decode(int8(row, column))
    }

    /// The field's own bytes, of any type.
    package func bytes(_ row: Int, _ column: Int) -> [UInt8] {
        withField(row, column) { Array($0) }
    }

    /// A `text`.
    package func text(_ row: Int, _ column: Int) -> String {
        withField(row, column) { String(decoding: $0, as: UTF8.self) }
    }

    /// Nil for SQL's null.
    package func optionalText(_ row: Int, _ column: Int) -> String? {
        isNull(row, column) ? nil : text(row, column)
    }

    /// An array of smallint, integer, bigint or timestamptz without nulls, as plain numbers.
    package func integers(_ row: Int, _ column: Int) -> [Int64] {
        withField(row, column) { field in
            var reader = BinaryReader(field)
            let dimensions = reader.read(4)
            _ = reader.read(8)  // Whether nulls occur, and the element type.
            guard dimensions > 0 else { return [] }
            let count = Int(reader.read(4))
            _ = reader.read(4)  // The lower bound.
            return (0..<count).map { _ in
                let width = Int(reader.read(4))
                precondition([2, 4, 8].contains(width), "\(name(column)) holds other than numbers")
                return reader.read(width)
            }
        }
    }

    /// As ``integers(_:_:)``, for an array of timestamptz.
    package func timestamps(_ row: Int, _ column: Int) -> [Timestamp] {
        integers(row, column).map(PostgresTime.decode)
    }

    private func integer(_ row: Int, _ column: Int, bytes: Int) -> Int64 {
        withField(row, column) { field in
            precondition(
                field.count == bytes, "\(name(column)) has \(field.count) bytes, not \(bytes)")
            var reader = BinaryReader(field)
            return reader.read(bytes)
        }
    }

    /// The pointer is libpq's and lives as long as the result.
    private func withField<Value>(
        _ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value {
        precondition(!isNull(row, column), "\(name(column)) is null")
        let length = Int(PQgetlength(result, Int32(row), Int32(column)))
        let start = UnsafeRawPointer(PQgetvalue(result, Int32(row), Int32(column)))
        return body(UnsafeRawBufferPointer(start: start, count: length))
    }

    private func name(_ column: Int) -> String {
        guard let name = PQfname(result, Int32(column)) else { return "column \(column)" }
        return "column \(String(cString: name))"
    }
}

/// Reads big-endian integers one after the other.
private struct BinaryReader {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Sign-extended from `width` bytes, 1 to 8. Reading beyond the end traps.
    mutating func read(_ width: Int) -> Int64 {
        precondition(index + width <= bytes.count, "a field ended early")
        var value: Int64 = bytes[index] >= 0x80 ? -1 : 0
        for byte in bytes[index..<(index + width)] {
            value = value << 8 | Int64(byte)
        }
        index += width
        return value
    }
}
