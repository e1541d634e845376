import Testing

@testable import rollcall_load

@Suite struct PeerTests {
    private static let stream =
        "INFO {\"a\":1}\r\nPONG\r\nMSG load 1 5\r\nhe\r\no\r\nPING\r\nMSG load 1 0\r\n\r\n"
        + "-ERR 'no'\r\n"
    private static let events: [NATSStream.Event] = [
        .message(Array("he\r\no".utf8)), .ping, .message([]), .refusal("-ERR 'no'"),
    ]

    @Test func `NATS's lines mean the same wherever they are cut`() {
        let bytes = Array(PeerTests.stream.utf8)
        for cut in 0...bytes.count {
            var stream = NATSStream()
            let events = stream.feed(Array(bytes[..<cut])) + stream.feed(Array(bytes[cut...]))
            #expect(events == PeerTests.events, "cut at \(cut)")
        }
        var stream = NATSStream()
        let single = bytes.flatMap { stream.feed([$0]) }
        #expect(single == PeerTests.events)
    }

    @Test func `a line without end does not grow for ever`() {
        var stream = NATSStream()
        let endless = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
        let events = stream.feed(endless)
        #expect(events == [.refusal("a line without end")])
    }

    @Test func `only NATS wraps what is published`() {
        let envelope = Array("hello".utf8)
        let nats = Peer.nats.publication(of: envelope)
        #expect(nats == Array("PUB load 5\r\nhello\r\n".utf8))
        for peer in Peer.allCases where peer != .nats {
            let publication = peer.publication(of: envelope)
            #expect(publication == envelope)
            #expect(peer.greeting(isPublisher: false).isEmpty)
        }
    }

    @Test func `nchan has one place to listen and one to talk`() {
        let listen = Peer.nchan.path(isPublisher: false)
        let talk = Peer.nchan.path(isPublisher: true)
        #expect(listen == "/subscribe/load")
        #expect(talk == "/publish/load")
        #expect(Peer.rollcall.path(isPublisher: false) == nil)
    }
}
