import Testing

@testable import WebSocket

@Suite("RFC 6455 §5.4, §10.4")
struct FrameDecoderTests {
    private func frame(
        _ payload: [UInt8], _ opcode: Opcode = .binary, last: Bool = true
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        FrameEncoder.append(opcode, payload, isFinal: last, maskKey: 0x1234_5678, to: &bytes)
        return bytes
    }

    @Test func `an idle connection costs 16 bytes`() {
        #expect(MemoryLayout<FrameDecoder>.size <= 16)
    }

    @Test func `a message of 1 MiB is taken by default, one byte more is not`() {
        let most = FrameDecoder.defaultMaximumMessageBytes
        let outcomes = [most, most + 1].map { count in
            var decoder = FrameDecoder(role: .server, inflates: false)
            let bytes = frame([UInt8](repeating: 1, count: count))
            var offset = 0
            return Result { () throws(ProtocolError) in
                try decoder.next(in: bytes.span.bytes, from: &offset, inflater: Inflater())
            }
        }
        let whole = FrameDecoder.Event.message(.binary, [UInt8](repeating: 1, count: most))
        #expect(outcomes[0] == .success(whole))
        #expect(outcomes[1] == .failure(.messageTooBig))
    }

    @Test(arguments: [126, 0xFFFF, 0x1_0000, 300_000])
    func `long messages arrive in reads of any size`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let bytes = frame(payload)
        for size in [1, 3, 1_000, 65_536, bytes.count] {
            let pieces = stride(from: 0, to: bytes.count, by: size).map { start in
                bytes[start..<min(start + size, bytes.count)]
            }
            let conversation = Conversation(pieces)
            #expect(conversation == Conversation(events: [.message(.binary, payload)]))
        }
    }

    @Test func `nothing is held between messages, something within one`() throws {
        var decoder = FrameDecoder(role: .server, inflates: false)
        let inflater = Inflater()
        let bytes = frame([1, 2], last: false) + frame([3], .continuation)
        let startsIdle = decoder.isIdle
        #expect(startsIdle)
        for (index, byte) in bytes.enumerated() {
            let one = [byte]
            var offset = 0
            let event = try decoder.next(in: one.span.bytes, from: &offset, inflater: inflater)
            let isLast = index == bytes.count - 1
            #expect((event != nil) == isLast)
            let isIdle = decoder.isIdle
            #expect(isIdle == isLast)
        }
    }

    @Test func `a length is refused before its payload comes`() {
        let header = Array(frame([UInt8](repeating: 0, count: 201)).prefix(8))
        let conversation = Conversation([header[...]], maximumMessageBytes: 200)
        #expect(conversation.error == .messageTooBig)
    }

    @Test func `empty fragments without end hold no memory and end well`() {
        let empty = frame([], .continuation, last: false)
        let bytes =
            frame([], last: false) + Array(repeating: empty, count: 10_000).joined()
            + frame([9], .continuation)
        let conversation = Conversation([bytes[...]])
        #expect(conversation == Conversation(events: [.message(.binary, [9])]))
    }

    @Test func `an error is final`() throws {
        var decoder = FrameDecoder(role: .server, inflates: false)
        let inflater = Inflater()
        let bytes = [0x83, 0x80] + frame([1])
        var offset = 0
        #expect(throws: ProtocolError.reservedOpcode) {
            try decoder.next(in: bytes.span.bytes, from: &offset, inflater: inflater)
        }
        offset = 2
        let event = try decoder.next(in: bytes.span.bytes, from: &offset, inflater: inflater)
        #expect(event == nil)
        #expect(offset == bytes.count)
    }

    @Test func `a compressed message may be a little longer than what it inflates to`() {
        var stored: [UInt8] = []
        // Ten bytes, each in a stored block of its own: 5 bytes around it.
        for value in UInt8(0)..<10 { stored += [0, 1, 0, 0xFE, 0xFF, value] }
        stored.append(0)
        var bytes: [UInt8] = []
        FrameEncoder.append(.binary, stored, isCompressed: true, maskKey: 1, to: &bytes)
        let expected = FrameDecoder.Event.message(.binary, Array(0..<10))
        let conversation = Conversation([bytes[...]], inflates: true, maximumMessageBytes: 10)
        #expect(conversation == Conversation(events: [expected]))
    }
}
