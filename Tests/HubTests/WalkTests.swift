import Basics
import MemoryStorage
import Phoenix
import PubSub
import Resume
import RoomContract
import Testing
import WebSocket

@testable import Hub

/// Deliveries that last several turns.
@Suite struct WalkTests {
    private func entry(_ seq: Int64) -> Entry {
        Entry(
            seq: seq, ordinal: seq, kind: .post, sender: "ben", clientID: "c\(seq)",
            body: Array("{}".utf8), createdAt: Timestamp(secondsSince1970: 0))
    }

    /// The topic outlives its last subscriber until its walk has ended; meanwhile its home sends
    /// nothing here.
    @Test func `who joins a topic that is only kept by a walk misses nothing`() {
        let bench = Bench()
        let edge = bench.hub.edge
        edge.deliveriesPerTurn = 0
        bench.open(0, as: "ana")
        bench.open(1, as: "ben")
        bench.say(#"["1","1","course:1","phx_join",{}]"#)
        edge.deliver([entry(1)], in: name("course:1"))
        // Not `hub.turnEnded()`, which would never end the walk without deliveries.
        edge.leave(
            Envelope(
                joinRef: "1", ref: "2", topic: "course:1", event: "phx_leave", payload: .json([])),
            from: edge[0]!)
        edge.received(.text, Array(#"["1","1","course:1","phx_join",{}]"#.utf8), from: 1)
        let serial = edge.nextSerial
        edge.receive(
            .admitted(
                MemberID(loop: 0, slot: 1, serial: serial),
                Welcome(head: Head(seq: 3, ordinal: 3), role: .student, unread: nil, presence: nil))
        )
        edge.receive(.deliver(topic: name("course:1"), [entry(4)]))
        edge.deliveriesPerTurn = 100
        edge.turnEnded()
        let heard = bench.hear(1)
        #expect(heard.first?.contains(#""position":"e1-3""#) == true)
        #expect(heard.last?.contains(#""seq":4"#) == true)
    }

    @Test func `a count of what is unread comes behind the notification it counts`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        bench.say(#"["1","1","user:ana","phx_join",{}]"#)
        bench.database.publish(to: name("user:ana"), from: "", body: Array("{}".utf8))
        bench.storage.drainOutbox(limit: 1) { _ in }
        bench.turn { $0.receive(.toHome(.headMoved(topic: name("user:ana"), seq: 1))) }
        let heard = bench.hear().map { $0.contains("notification:new") ? "new" : $0 }
        #expect(heard == ["new", #"[null,null,"user:ana","notification:unread",{"unread":1}]"#])
    }

    @Test func `a count waits for a walk that lasts several turns`() {
        let bench = Bench()
        let edge = bench.hub.edge
        bench.open(0, as: "ana")
        bench.say(#"["1","1","user:ana","phx_join",{}]"#)
        edge.deliveriesPerTurn = 0
        edge.deliver([entry(1)], in: name("user:ana"))
        edge.turnEnded()
        let count = Event(
            name: "notification:unread", payload: .json(Array("{}".utf8)), kind: .room)
        edge.receive(.push([MemberID(loop: 0, slot: 0, serial: edge.nextSerial)], count))
        edge.turnEnded()
        edge.deliveriesPerTurn = 100
        edge.turnEnded()
        let events = bench.hear().map { $0.contains("notification:new") ? "new" : $0 }
        #expect(events == ["new", #"[null,null,"user:ana","notification:unread",{}]"#])
    }
}
