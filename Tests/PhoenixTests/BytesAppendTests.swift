import Testing

@testable import Phoenix

@Suite("Bytes, appended")
struct BytesAppendTests {
    @Test func `room grows at least twofold, so that appending stays linear`() {
        var bytes: [UInt8] = []
        var moves = 0
        for _ in 0..<10_000 {
            let before = bytes.capacity
            bytes.makeRoom(for: 10)
            if bytes.capacity != before { moves += 1 }
            bytes.append(contentsOf: repeatElement(0, count: 10))
        }
        #expect(moves < 20, "\(moves) moves for 100,000 bytes")
    }

    @Test func `room that is there is left alone`() {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(100)
        let before = bytes.capacity
        bytes.makeRoom(for: before)
        #expect(bytes.capacity == before)
        bytes.makeRoom(for: before + 1)
        #expect(bytes.capacity >= 2 * before)
    }

    @Test(arguments: [(Ref?.none, "null"), ("a\"b", #""a\"b""#), (.integer(-7), "-7")])
    func `a ref is written as the JSON value it came as`(ref: Ref?, expected: String) {
        var bytes: [UInt8] = []
        bytes.append(ref: ref)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }
}
