import Basics
import Testing

@testable import WebSocket

@Suite("RFC 6455 §5.7")
struct FrameEncoderTests {
    @Test func `the RFC's examples are written as they stand there`() {
        let hello = Array("Hello".utf8)
        #expect(FrameEncoder.message(.text, hello).hex == "810548656c6c6f")
        #expect(FrameEncoder.ping(hello).hex == "890548656c6c6f")
        #expect(FrameEncoder.pong(hello, maskKey: 0x3D21_FA37).hex == "8a8537fa213d7f9f4d5158")
        let large = FrameEncoder.message(.binary, [UInt8](repeating: 0, count: 65536))
        #expect(large.prefix(10).elementsEqual([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]))
        var fragments: [UInt8] = []
        FrameEncoder.append(.text, Array("Hel".utf8), isFinal: false, to: &fragments)
        FrameEncoder.append(.continuation, Array("lo".utf8), to: &fragments)
        #expect(fragments.hex == "010348656c80026c6f")
    }

    @Test func `a message is compressed from the documented size on`() {
        let deflater = Deflater()
        let small = [UInt8](repeating: 0x20, count: Deflater.minimumBytes - 1)
        let below = FrameEncoder.compressedMessage(.text, small, deflater)
        let at = FrameEncoder.compressedMessage(.text, small + [0x20], deflater)
        #expect(below == nil)
        #expect(at?.first == 0xC1)
    }

    @Test func `what does not shrink is not sent compressed`() {
        var random = Seeded(seed: 1)
        let bytes = (0..<1024).map { _ in UInt8.random(in: 0...255, using: &random) }
        let frame = FrameEncoder.compressedMessage(.binary, bytes, Deflater())
        #expect(frame == nil)
    }
}
