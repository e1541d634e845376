import Testing

@testable import WebSocket

@Suite("RFC 6455 §7")
struct ClosingHandshakeTests {
    @Test func `a peer's close is echoed and the socket closed`() {
        var closing = ClosingHandshake()
        #expect(closing.maySend)
        let action = closing.received(.goingAway)
        #expect(action == .sendAndDisconnect([0x88, 2, 0x03, 0xE9]))
        #expect(!closing.maySend)
        let after = [closing.received(.normal), closing.close(.normal), closing.ended()]
        #expect(after == [.none, .none, .none])
    }

    @Test func `a close without a code is answered without one`() {
        var closing = ClosingHandshake()
        let action = closing.received(nil)
        #expect(action == .sendAndDisconnect([0x88, 0]))
    }

    @Test func `our close waits for the peer's`() {
        var closing = ClosingHandshake()
        let first = closing.close(.serviceRestart, reason: "x")
        #expect(first == .send([0x88, 3, 0x03, 0xF4, UInt8(ascii: "x")]))
        #expect(!closing.maySend)
        let again = closing.close(.normal)
        #expect(again == .none)
        let answered = closing.received(.serviceRestart)
        #expect(answered == .disconnect)
    }

    @Test func `our close does not wait for ever`() {
        var closing = ClosingHandshake()
        _ = closing.close(.normal)
        let action = closing.ended()
        #expect(action == .disconnect)
        let late = closing.failed(.invalidText)
        #expect(late == .none)
    }

    @Test func `an error is named and ends the connection at once`() {
        var closing = ClosingHandshake()
        let action = closing.failed(.messageTooBig)
        let payload = [0x03, 0xF1] + Array("messageTooBig".utf8)
        #expect(action == .sendAndDisconnect([0x88, UInt8(payload.count)] + payload))
    }

    @Test func `an error after our close only ends it`() {
        var closing = ClosingHandshake()
        _ = closing.close(.normal)
        let action = closing.failed(.reservedBits)
        #expect(action == .disconnect)
    }

    @Test func `a peer that vanishes is let go`() {
        var closing = ClosingHandshake()
        let action = closing.ended()
        #expect(action == .disconnect)
    }
}
