import Testing

@testable import PubSub

@Suite("Frames for many")
struct ParcelTests {
    @Test
    func `frames stand in a row, and each knows its end`() {
        var parcel = Parcel()
        parcel.append([1, 2], .event)
        parcel.append([3], .entry(channel: 0, seq: 9))
        #expect(parcel.bytes == [1, 2, 3])
        #expect(parcel.count == 2)
        #expect(parcel.frames.map(\.end) == [2, 3])
    }

    @Test
    func `a lone frame is not copied`() {
        let frame: [UInt8] = Array(repeating: 7, count: 100)
        var parcel = Parcel()
        parcel.append(frame, .event)
        let isShared = frame.withUnsafeBufferPointer { one in
            parcel.bytes.withUnsafeBufferPointer { $0.baseAddress == one.baseAddress }
        }
        #expect(isShared)
    }

    @Test
    func `a kind keeps its meaning on another channel`() {
        #expect(FrameKind.entry(channel: 0, seq: 4).on(7) == .entry(channel: 7, seq: 4))
        #expect(FrameKind.presence(channel: 0).on(7) == .presence(channel: 7))
        #expect(FrameKind.event.on(7) == .event)
        #expect(FrameKind.reply.on(7) == .reply)
    }
}
