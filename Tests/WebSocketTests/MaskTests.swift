import Basics
import Testing

@testable import WebSocket

@Suite("RFC 6455 §5.3")
struct MaskTests {
    @Test func `every length, position and alignment equals byte by byte`() {
        var random = Seeded(seed: 1)
        let bytes = (0..<100).map { _ in UInt8.random(in: 0...255, using: &random) }
        let key: UInt32 = 0x3D21_FA37
        let keyBytes: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        for start in 0..<9 {
            for count in 0...40 {
                for position in 0..<5 {
                    let piece = bytes[start..<start + count]
                    let expected = piece.enumerated().map { index, byte in
                        byte ^ keyBytes[(index + position) % 4]
                    }
                    var masked: [UInt8] = [1, 2, 3]
                    Mask.append(piece.span.bytes, key: key, position: position, to: &masked)
                    #expect(masked == [1, 2, 3] + expected)
                    guard position == 0 else { continue }
                    let unmasked = Mask.unmasked(piece.span.bytes, key: key)
                    #expect(unmasked == expected)
                }
            }
        }
    }

    @Test func `without a key bytes stay as they are`() {
        let bytes: [UInt8] = [1, 2, 3]
        let unmasked = Mask.unmasked(bytes.span.bytes, key: nil)
        #expect(unmasked == bytes)
    }
}
