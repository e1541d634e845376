import Basics
import Testing

@testable import WebSocket

/// Wrong bytes of every kind end in an error, never in a crash or in memory without bound.
@Suite("RFC 6455 §10: hostile peers")
struct FuzzTests {
    private static let maximum: UInt32 = 4_096

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a thousand mutated conversations harm nobody`(seed: UInt64) {
        var random = Seeded(seed: seed)
        let inflater = Inflater()
        let deflater = Deflater()
        for _ in 0..<1_000 {
            let inflates = Bool.random(using: &random)
            var bytes = frames(&random, deflater)
            mutate(&bytes, &random)
            let whole = Conversation(
                [bytes[...]], inflates: inflates, maximumMessageBytes: Self.maximum,
                inflater: inflater)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let pieces = Conversation(
                bytes.cut(at: cut), inflates: inflates, maximumMessageBytes: Self.maximum,
                inflater: inflater)
            #expect(pieces.events == whole.events, "seed \(seed): \(bytes.hex)")
            #expect(pieces.error == whole.error, "seed \(seed): \(bytes.hex)")
            let isBounded = whole.events.allSatisfy { event in
                switch event {
                case .message(_, let payload): payload.count <= Self.maximum
                case .ping(let payload), .pong(let payload): payload.count <= 125
                case .close(_, let reason): reason.utf8.count <= 123
                }
            }
            #expect(isBounded, "seed \(seed): \(bytes.hex)")
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `noise inflates to nothing beyond the limit`(seed: UInt64) {
        var random = Seeded(seed: seed)
        let inflater = Inflater()
        for _ in 0..<1_000 {
            let noise = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let outcome = Result { () throws(ProtocolError) in
                try inflater.inflate(noise, limit: 300)
            }
            switch outcome {
            case .success(let bytes): #expect(bytes.count <= 300)
            case .failure(let error):
                #expect(error == .invalidCompression || error == .messageTooBig)
            }
        }
    }

    private func frames(_ random: inout Seeded, _ deflater: Deflater) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let opcode = Opcode.allCases.randomElement(using: &random)!
            let longest = opcode.isControl ? 125 : 300
            var payload = [UInt8](
                repeating: UInt8.random(in: 0...255, using: &random),
                count: Int.random(in: 0...longest, using: &random))
            if opcode == .close { payload = [3, UInt8.random(in: 0...255, using: &random)] }
            let isCompressed = !opcode.isControl && Bool.random(using: &random)
            FrameEncoder.append(
                opcode, isCompressed ? deflater.compress(payload) : payload,
                isFinal: opcode.isControl || Int.random(in: 0...3, using: &random) > 0,
                isCompressed: isCompressed,
                maskKey: UInt32.random(in: 0...UInt32.max, using: &random), to: &bytes)
        }
        return bytes
    }

    /// Flips bits, cuts, repeats, and drops; sometimes does nothing.
    private func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
        for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.removeSubrange(index...)
            case 2: bytes.insert(contentsOf: bytes[index...].prefix(20), at: index)
            default: bytes.remove(at: index)
            }
        }
    }
}
