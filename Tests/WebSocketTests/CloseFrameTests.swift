import Testing

@testable import WebSocket

@Suite("RFC 6455 §5.5.1, §7.4")
struct CloseFrameTests {
    @Test func `a reason of 123 bytes is kept, one more is cut`() {
        let kept = CloseFrame.payload(.normal, reason: String(repeating: "r", count: 123))
        let cut = CloseFrame.payload(.normal, reason: String(repeating: "r", count: 124))
        #expect(kept.count == 125)
        #expect(cut == kept)
    }

    @Test func `a reason is cut between characters`() throws {
        let payload = CloseFrame.payload(.normal, reason: String(repeating: "é", count: 62))
        #expect(payload.count == 124)
        let parsed = try CloseFrame.parse(payload)
        #expect(parsed.reason == String(repeating: "é", count: 61))
    }

    @Test func `every code is either sent or refused, by its band`() {
        let sendable = (0...UInt16.max).filter { CloseCode(rawValue: $0).mayBeSent }
        #expect(sendable == Array(1000...1003) + Array(1007...1014) + Array(3000...4999))
    }
}
