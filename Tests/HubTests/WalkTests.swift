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

    // MARK: One subscriber

    private let deflater = Deflater()

    private func event(_ kind: Event.Kind, by cause: MemberID? = nil) -> Broadcast {
        let event = Event(name: "typing", payload: .json(Array("{}".utf8)), kind: kind)
        return Broadcast(topic: name("course:1"), content: .event(event), cause: cause)
    }

    private func post(_ seq: Int64) -> Broadcast {
        Broadcast(
            topic: name("course:1"),
            content: .entry(
                seq: seq, event: "message:new", payload: Array("{}".utf8),
                position: Position("e1-\(seq)")!))
    }

    /// Walks by one subscriber, channel 5 of connection 2; what it heard, how it stands then.
    private func visit(
        _ broadcasts: [Broadcast], _ flags: Subscription.Flags = [], position: Int64 = 0,
        room: Int = 10_000, version: WireVersion = .v2
    ) -> (frames: Int, subscriber: Subscription, tally: Tally) {
        let dialect = Dialect(version: version, isAlias: false, isCompressed: false)
        var subscriber = Subscription(
            connection: 2, channel: 5, dialect: dialect.rawValue, flags: flags, position: position)
        var outboxes = OutboxTable(
            budget: OutboxBudget(connectionBytes: room, totalBytes: 1 << 20))
        outboxes.open(2)
        var walk = Walk(broadcasts, on: 0)
        var tally = Tally()
        walk.visit(&subscriber, &outboxes, deflater, &tally)
        var frames = 0
        _ = outboxes.flushDirty { _, span in
            var decoder = FrameDecoder(role: .client, inflates: false)
            let inflater = Inflater()
            var offset = 0
            do {
                while try decoder.next(in: span, from: &offset, inflater: inflater) != nil {
                    frames += 1
                }
            } catch {
                frames = -1
            }
            return span.byteCount
        }
        return (frames, subscriber, tally)
    }

    @Test func `who hears everything gets it whole, and stands at the last entry`() {
        let all = visit([post(1), event(.room), post(2), event(.system)], [.wantsPresence])
        #expect(all.frames == 4)
        #expect(all.tally.delivered == 4)
        #expect(all.subscriber.position == 2)
        let entriesFirst = visit([post(1), post(2), event(.room)])
        #expect(entriesFirst.subscriber.position == 2)
    }

    @Test func `entries pass by who has had them, and who is catching up`() {
        let some = visit([post(1), post(2), post(3)], position: 2)
        #expect(some.frames == 1)
        #expect(some.subscriber.position == 3)
        let none = visit([post(1), event(.room)], [.catchingUp])
        #expect(none.frames == 1)
        #expect(none.subscriber.position == 0)
    }

    @Test func `who cannot be told in its version is not told`() {
        let binary = Event(name: "b", payload: .binary(event: "e", [1]), kind: .room)
        let broadcast = Broadcast(topic: name("course:1"), content: .event(binary))
        let alone = visit([broadcast], version: .v1)
        let among = visit([broadcast, event(.room)], version: .v1)
        #expect([alone.frames, among.frames] == [0, 1])
        #expect(alone.tally.misfits.isEmpty)
    }

    @Test func `presence is for who asked for it`() {
        let without = visit([event(.system), event(.room)])
        #expect(without.frames == 1)
        let stale = visit([event(.system), event(.room)], [.wantsPresence, .presenceIsStale])
        #expect(stale.frames == 1)
        let missing = visit(
            [event(.room), event(.system), event(.system)], [.wantsPresence], room: 60)
        #expect(missing.tally.misfits.map(\.kind) == [.presence(channel: 5)])
        #expect(missing.subscriber.flags.contains(.presenceIsStale))
    }

    @Test func `who said it hears it only by asking to hear itself`() {
        let own = MemberID(loop: 0, slot: 2, serial: 5)
        let said = visit([event(.room, by: own)])
        let heard = visit([event(.room, by: own)], [.hearsItself])
        let otherLoop = visit([event(.room, by: MemberID(loop: 1, slot: 2, serial: 5))])
        let otherChannel = visit([event(.room, by: MemberID(loop: 0, slot: 2, serial: 6))])
        #expect([said.frames, heard.frames] == [0, 1])
        #expect([otherLoop.frames, otherChannel.frames] == [1, 1])
    }

    @Test func `what has no room is named, of entries only the first`() {
        let one = visit([post(1)])
        #expect(one.frames == 1)
        // Each of these frames has 48 to 51 bytes.
        let full = visit([post(1), post(2), post(3)], room: 60)
        #expect(full.frames == 1)
        #expect(full.subscriber.position == 1)
        #expect(full.tally.misfits.map(\.kind) == [.entry(channel: 5, seq: 2)])
        let mixed = visit([post(1), post(2), event(.system)], [.wantsPresence], room: 60)
        #expect(
            mixed.tally.misfits.map(\.kind) == [
                .entry(channel: 5, seq: 2), .presence(channel: 5),
            ])
        let events = visit([event(.room), event(.room), event(.room)], room: 60)
        #expect(events.frames == 1)
        #expect(events.tally.misfits.map(\.kind) == [.event, .event])
        #expect(events.tally.misfits.map(\.connection) == [2, 2])
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
