import Basics
import Testing

@testable import WebSocket

@Suite("RFC 7692 §7.2")
struct InflaterTests {
    @Test(arguments: [0, 1, 5, 255, 256, 16_383, 16_384, 16_385, 70_000, 1_000_000])
    func `what is deflated inflates to itself`(count: Int) throws {
        var random = Seeded(seed: UInt64(count))
        let messages = [
            [UInt8](repeating: 7, count: count),
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) },
            (0..<count).map { UInt8(truncatingIfNeeded: $0 / 3) },
        ]
        let (deflater, inflater) = (Deflater(), Inflater())
        for message in messages + messages {
            let compressed = deflater.compress(message)
            let inflated = try inflater.inflate(compressed, limit: count)
            #expect(inflated == message)
        }
    }

    @Test func `the limit is exact`() throws {
        let (deflater, inflater) = (Deflater(), Inflater())
        for count in [1, 100, 16_384, 16_385, 40_000] {
            let compressed = deflater.compress([UInt8](repeating: 1, count: count))
            let whole = try inflater.inflate(compressed, limit: count)
            #expect(whole.count == count)
            #expect(throws: ProtocolError.messageTooBig) {
                try inflater.inflate(compressed, limit: count - 1)
            }
        }
    }

    @Test func `an empty message is one byte (§7.2.3.6)`() {
        let compressed = Deflater().compress([])
        #expect(compressed == [0])
    }

    @Test func `an error leaves nothing behind`() throws {
        let (deflater, inflater) = (Deflater(), Inflater())
        let compressed = deflater.compress(Array("a good message".utf8))
        for _ in 0..<3 {
            #expect(throws: ProtocolError.invalidCompression) {
                try inflater.inflate([0xFF, 0xFF], limit: 100)
            }
            #expect(throws: ProtocolError.messageTooBig) {
                try inflater.inflate(compressed, limit: 3)
            }
            let inflated = try inflater.inflate(compressed, limit: 100)
            #expect(inflated == Array("a good message".utf8))
        }
    }

    @Test func `every cut of a compressed message is refused or shorter`() throws {
        let inflater = Inflater()
        let text = Array("a message with some text, and some text again, and again".utf8)
        let compressed = Deflater().compress(text)
        for count in 1..<compressed.count {
            let outcome = Result { () throws(ProtocolError) in
                try inflater.inflate(Array(compressed[..<count]), limit: 1_000)
            }
            #expect(outcome != .success(text), "cut to \(count)")
        }
    }
}
