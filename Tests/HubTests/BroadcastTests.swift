import Basics
import Phoenix
import PubSub
import Resume
import RoomContract
import Testing
import WebSocket

@testable import Hub

@Suite struct BroadcastTests {
    private let deflater = Deflater()

    private func event(_ payload: Command.Payload, _ kind: Event.Kind = .room) -> Broadcast {
        Broadcast(
            topic: name("course:1"),
            content: .event(Event(name: "typing", payload: payload, kind: kind)))
    }

    private func frame(_ broadcast: inout Broadcast, _ version: WireVersion, alias: Bool) -> [UInt8]
    {
        let dialect = Dialect(version: version, isAlias: alias, isCompressed: false)
        return broadcast.frame(dialect, deflater)
    }

    @Test func `a dialect is encoded once, and its bytes are shared`() {
        var broadcast = event(.json(Array("{}".utf8)))
        let first = frame(&broadcast, .v2, alias: false)
        let second = frame(&broadcast, .v2, alias: false)
        let isShared = first.withUnsafeBufferPointer { one in
            second.withUnsafeBufferPointer { $0.baseAddress == one.baseAddress }
        }
        #expect(isShared)
    }

    @Test func `a room's event travels as it is, and inside a broadcast on an alias`() {
        var broadcast = event(.json(Array(#"{"a":1}"#.utf8)))
        let plain = text(Array(frame(&broadcast, .v2, alias: false).dropFirst(2)))
        let alias = text(Array(frame(&broadcast, .v2, alias: true).dropFirst(2)))
        let old = text(Array(frame(&broadcast, .v1, alias: false).dropFirst(2)))
        #expect(plain == #"[null,null,"course:1","typing",{"a":1}]"#)
        #expect(alias.contains(#""realtime:course:1","broadcast""#))
        #expect(alias.contains(#""event":"typing""#))
        #expect(old.contains(#""ref":null"#))
    }

    @Test func `presence travels under its own name everywhere`() {
        var broadcast = event(.json(Array("{}".utf8)), .system)
        let alias = text(Array(frame(&broadcast, .v2, alias: true).dropFirst(2)))
        #expect(alias == #"[null,null,"realtime:course:1","typing",{}]"#)
    }

    @Test func `version 1 cannot carry bytes`() {
        var broadcast = event(.binary(event: "e", [0, 255]))
        let old = frame(&broadcast, .v1, alias: false)
        let new = frame(&broadcast, .v2, alias: false)
        #expect(old.isEmpty)
        #expect(Array(new.dropFirst(2)) == [4, 8, 1, 0, 0] + Array("course:1e".utf8) + [0, 255])
    }

    @Test(arguments: [(255, true), (256, false)])
    func `an event's name has to fit its length byte`(length: Int, fits: Bool) {
        var broadcast = event(.binary(event: String(repeating: "e", count: length), [1]))
        let frame = frame(&broadcast, .v2, alias: false)
        #expect(!frame.isEmpty == fits)
    }

    @Test func `an entry carries its position twice for clients that strip what they do not know`()
    {
        let entry = Entry(
            seq: 7, ordinal: 7, kind: .post, sender: "ana", clientID: "c", body: Array("{}".utf8),
            createdAt: Timestamp(secondsSince1970: 0))
        guard let position = Position("e1-7") else { return }
        let payload = text(EntryPayload.encode(entry, at: position))
        #expect(
            payload == #"{"position":"e1-7","seq":7,"sender":"ana","client_id":"c","#
                + #""at":"1970-01-01T00:00:00.000Z","body":{},"meta":{"id":"e1-7"}}"#)
    }
}
