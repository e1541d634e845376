import Testing

@testable import Phoenix

@Suite("Binary reader")
struct BinaryReaderTests {
    @Test func `parts are taken from the front, the rest is what is left`() throws {
        var reader = BinaryReader(Array("\u{1}abcd".utf8))
        let length = try reader.byte()
        let text = try reader.text(.topic, length)
        let data = try reader.data(2)
        #expect(text == "a")
        #expect(data == Array("bc".utf8))
        #expect(reader.rest() == Array("d".utf8))
        #expect(reader.rest() == [])
    }

    @Test func `a length up to the end fits, one more is truncated`() throws {
        var exact = BinaryReader([1, 2, 3])
        let all = try exact.data(3)
        #expect(all == [1, 2, 3])
        #expect(throws: EnvelopeError.truncatedBinary) {
            var reader = BinaryReader([1, 2, 3])
            return try reader.data(4)
        }
        #expect(throws: EnvelopeError.truncatedBinary) {
            var reader = BinaryReader([])
            return try reader.byte()
        }
    }

    @Test func `an empty ref is none`() throws {
        var reader = BinaryReader([0x31])
        let none = try reader.ref(.ref, 0)
        let one = try reader.ref(.ref, 1)
        #expect(none == nil)
        #expect(one == "1")
    }
}
