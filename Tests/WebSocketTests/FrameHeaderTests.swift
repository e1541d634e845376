import Testing

@testable import WebSocket

@Suite("RFC 6455 §5.2")
struct FrameHeaderTests {
    private func written(_ header: FrameHeader) -> [UInt8] {
        var bytes: [UInt8] = []
        header.append(to: &bytes)
        return bytes
    }

    @Test(
        arguments: [
            (0, 2), (125, 2), (126, 4), (0xFFFF, 4), (0x1_0000, 10), (Int.max, 10),
        ])
    func `each length is written in its shortest form and read back`(
        length: Int, headerBytes: Int
    ) throws {
        for key: UInt32? in [nil, 0x0403_0201] {
            let header = FrameHeader(
                isFinal: true, isCompressed: false, opcode: .binary, payloadBytes: length,
                maskKey: key, headerBytes: headerBytes + (key == nil ? 0 : 4))
            let bytes = written(header)
            #expect(bytes.count == header.headerBytes)
            let sender: Role = key == nil ? .server : .client
            let parsed = try FrameHeader.parse(bytes.span.bytes, at: 0, from: sender)
            #expect(parsed == header)
            for count in 0..<bytes.count {
                let part = bytes[..<count]
                let early = try FrameHeader.parse(part.span.bytes, at: 0, from: sender)
                #expect(early == nil)
            }
        }
    }

    @Test func `every combination of the first two bytes is read or refused by the rules`() {
        let opcodes: Set<UInt8> = [0, 1, 2, 8, 9, 10]
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second] + [UInt8](repeating: 1, count: 12)
                let isControl = first & 8 != 0
                let isRight =
                    first & 0x30 == 0 && opcodes.contains(first & 15) && second & 0x80 != 0
                    && (!isControl || first & 0x80 != 0 && second & 0x7F <= 125)
                let outcome = Result { () throws(ProtocolError) in
                    try FrameHeader.parse(bytes.span.bytes, at: 0, from: .client)
                }
                switch outcome {
                case .success(let header): #expect(isRight && header != nil)
                case .failure: #expect(!isRight)
                }
            }
        }
    }
}
