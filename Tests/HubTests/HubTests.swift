import Basics
import JSON
import MemoryStorage
import Phoenix
import PubSub
import Resume
import RoomContract
import Testing
import WebSocket

@testable import Hub

/// Joining, leaving and limits, one hub and one turn at a time.
@Suite struct HubTests {
    private let join = #"["1","1","course:1","phx_join",{}]"#

    private func joined(_ bench: Bench) {
        bench.open(0, as: "ana")
        bench.say(join)
        bench.tick()
        _ = bench.hear()
    }

    @Test func `a join is answered in the turn in which storage answers`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        let heard = bench.say(join)
        #expect(heard.first?.contains(#""resume":"fresh""#) == true)
        #expect(heard.last?.contains("presence_state") == true)
        #expect(heard.count == 2)
    }

    @Test func `storage that answers at once answers a join that needs a cursor`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        let heard = bench.say(#"["1","1","user:ana","phx_join",{}]"#)
        #expect(heard.first?.contains(#""unread":0"#) == true)
    }

    @Test func `a second join closes the first, and then is answered`() {
        let bench = Bench()
        joined(bench)
        let heard = bench.say(#"["2","2","course:1","phx_join",{}]"#)
        #expect(heard.first == #"["1","1","course:1","phx_close",{}]"#)
        #expect(heard.dropFirst().first?.hasPrefix(#"["2","2","course:1","phx_reply","#) == true)
    }

    @Test func `a leave of an older join leaves the newer alone`() {
        let bench = Bench()
        joined(bench)
        bench.say(#"["2","2","course:1","phx_join",{}]"#)
        let left = bench.say(#"["1","3","course:1","phx_leave",{}]"#)
        let typed = bench.say(#"["2","4","course:1","typing",{}]"#)
        #expect(left == [#"["1","3","course:1","phx_reply",{"status":"ok","response":{}}]"#])
        #expect(typed.first?.contains(#""status":"ok""#) == true)
    }

    @Test func `leaving what was never joined is as good as leaving`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        let heard = bench.say(#"[null,"1","course:1","phx_leave",{}]"#)
        #expect(heard == [#"[null,"1","course:1","phx_reply",{"status":"ok","response":{}}]"#])
    }

    @Test func `a private open topic is refused, a private alias of a room is the room's`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        let open = bench.say(#"["1","1","realtime:x","phx_join",{"config":{"private":true}}]"#)
        let room = bench.say(
            #"["2","2","realtime:course:1","phx_join",{"config":{"private":true}}]"#)
        #expect(open.first?.contains("Unauthorized: ") == true)
        #expect(room.first?.contains(#""postgres_changes":[]"#) == true)
    }

    @Test(arguments: [(100, true), (101, false)])
    func `a connection may join a hundred topics`(count: Int, mayJoin: Bool) {
        let bench = Bench()
        bench.open(0, as: "ana")
        var last: [String] = []
        for number in 1...count {
            bench.clock.now = bench.clock.now.advanced(by: .seconds(1))
            last = bench.say(#"["\#(number)","\#(number)","realtime:t\#(number)","phx_join",{}]"#)
        }
        #expect(last.first?.contains(#""status":"ok""#) == mayJoin)
        if !mayJoin { #expect(last.first?.contains("1012") == true) }
    }

    @Test func `a hundred events at once are taken, one more is told to wait`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        let beat = #"[null,"1","phoenix","heartbeat",{}]"#
        for _ in 1..<Limits.eventsBurst { bench.say(beat) }
        let atTheLimit = bench.say(beat)
        let beyond = bench.say(beat)
        bench.clock.now = bench.clock.now.advanced(by: .milliseconds(20))
        let later = bench.say(beat)
        #expect(atTheLimit.first?.contains(#""status":"ok""#) == true)
        #expect(beyond.first?.contains("rate_limited") == true)
        #expect(beyond.first?.contains("retry_after_ms") == true)
        #expect(later.first?.contains(#""status":"ok""#) == true)
    }

    @Test(arguments: [(1_000, false), (1_001, true)])
    func `who never keeps the limit is a flood`(excess: Int, isClosed: Bool) {
        let bench = Bench()
        bench.open(0, as: "ana")
        for _ in 0..<Limits.eventsBurst + excess {
            bench.turn {
                $0.edge.received(
                    .text, Array(#"[null,"1","phoenix","heartbeat",{}]"#.utf8), from: 0)
            }
        }
        #expect((bench.ended[0] == .flood) == isClosed)
    }

    @Test(arguments: [(60, false), (61, true)])
    func `a connection that is silent for more than a minute is closed`(
        seconds: Int, isClosed: Bool
    ) {
        let bench = Bench()
        bench.open(0, as: "ana")
        bench.clock.now = bench.clock.now.advanced(by: .seconds(seconds))
        bench.turn { $0.edge.tickSlowly() }
        #expect((bench.ended[0] == .silent) == isClosed)
    }

    @Test func `binary on version 1 ends the connection`() {
        let bench = Bench()
        bench.open(0, as: "ana", .v1)
        bench.turn { $0.edge.received(.binary, [0, 1], from: 0) }
        #expect(bench.ended[0] == .unsupportedData)
    }

    @Test func `nobody new is admitted while changes of access cannot be seen`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        bench.turn { $0.receive(.toHome(.accessIsWatched(false))) }
        let refused = bench.say(join)
        let open = bench.say(#"["2","2","realtime:x","phx_join",{}]"#)
        bench.turn { $0.receive(.toHome(.accessIsWatched(true))) }
        let admitted = bench.say(#"["3","3","course:1","phx_join",{}]"#)
        #expect(refused.first?.contains("unavailable") == true)
        #expect(open.first?.contains(#""status":"ok""#) == true)
        #expect(admitted.first?.contains(#""status":"ok""#) == true)
    }

    @Test func `an enrolment that ends by itself ends the channel, and leaves nothing behind`() {
        let bench = Bench()
        bench.database.enrol(
            "ana", in: "1", as: .student, endsAt: Timestamp(secondsSince1970: 1_500))
        joined(bench)
        let during = bench.hub.census.endings
        bench.say(#"["1","2","course:1","phx_leave",{}]"#)
        let after = bench.hub.census.endings
        #expect(during == 1)
        #expect(after == 0)
    }

    @Test func `a newer token lengthens the connection's life without an answer`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        let heard = bench.say(#"[null,"1","course:1","access_token",{"access_token":"token-ana"}]"#)
        let bad = bench.say(#"[null,"2","course:1","access_token",{"access_token":"forged"}]"#)
        #expect(heard.isEmpty)
        #expect(bad.first?.contains("token_invalid") == true)
    }

    @Test func `who left before a diff is gone for who saw them in a snapshot`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        bench.open(1, as: "ben")
        bench.say(join)
        let state = bench.say(join, on: 1)
        bench.say(#"["1","2","course:1","phx_leave",{}]"#)
        bench.tick()
        let diff = bench.hear(1)
        #expect(state.last?.contains(#""ana":"#) == true)
        #expect(diff.first?.contains(#""leaves":{"ana":"#) == true)
    }

    @Test func `the answer to the handshake goes before any frame, or nobody is served`() {
        let bench = Bench(budget: OutboxBudget(totalBytes: 4))
        bench.open(0, as: "ana")
        let fits = bench.hub.edge.greet(0, [1, 2, 3, 4])
        bench.open(1, as: "ben")
        let beyond = bench.hub.edge.greet(1, [1])
        #expect(fits && !beyond)
        var sent: [UInt8] = []
        let unsettled = bench.hub.edge.flush { _, bytes in
            sent = bytes.withUnsafeBytes { Array($0) }
            return bytes.byteCount
        }
        #expect(sent == [1, 2, 3, 4])
        #expect(unsettled.isEmpty)
    }

    @Test func `a connection does not change hands`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        bench.say(#"["1","1","user:ana","phx_join",{}]"#)
        let renewed = bench.say(
            #"[null,"2","user:ana","access_token",{"access_token":"token-ben"}]"#)
        let joined = bench.say(#"["3","3","user:ben","phx_join",{"access_token":"token-ben"}]"#)
        #expect(renewed.first?.contains("not_permitted") == true)
        #expect(joined.first?.contains("not_permitted") == true)
    }

    @Test func `an anonymous connection may sign in`() {
        let bench = Bench()
        bench.open(0, as: nil)
        let joined = bench.say(#"["1","1","user:ana","phx_join",{"access_token":"token-ana"}]"#)
        #expect(joined.first?.contains(#""status":"ok""#) == true)
    }

    @Test func `an open topic is no alias of an open topic`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        let joined = bench.say(#"["1","1","realtime:realtime:x","phx_join",{}]"#)
        #expect(joined.first?.contains(#""status":"ok""#) == true)
        let topics = Array(bench.hub.home.topics.keys)
        #expect(topics == [name("realtime:realtime:x")])
    }

    /// Messages of 24 kB as JSON: 21 of them are under the limit of a page, 22 are over it.
    @Test func `a page of large messages is shorter and the next one follows it`() throws {
        let bench = Bench()
        bench.open(0, as: "ana")
        bench.say(#"["1","1","course:1","phx_join",{}]"#)
        let text = String(repeating: #"\u0001"#, count: Limits.textCharacters)
        for number in 1...30 {
            bench.clock.now = bench.clock.now.advanced(by: .seconds(2))
            let payload = #"{"client_id":"\#(number)","text":"\#(text)"}"#
            bench.say(#"["1","m","course:1","message:send",\#(payload)]"#)
        }
        func page(_ from: String) throws -> (seqs: [Int64], more: Bool?, bytes: Int) {
            let heard = bench.say(#"["1","h","course:1","history",{\#(from)"limit":200}]"#)
            let reply = try #require(heard.first)
            let response = try JSONValue.parse(Array(reply.utf8)).array?[4]["response"]
            let seqs = (response?["messages"]?.array ?? []).compactMap { $0["seq"]?.integer }
            return (seqs, response?["more"]?.bool, reply.utf8.count)
        }
        let newest = try page("")
        #expect(newest.seqs == Array(10...30))
        #expect(newest.more == true)
        #expect(newest.bytes < OutboxBudget.defaultConnectionBytes)
        let before = try page(#""before":"e1-10","#)
        #expect(before.seqs == Array(1...9))
        #expect(before.more == false)
        let after = try page(#""after":"e1-2","#)
        #expect(after.seqs == Array(3...23))
        #expect(after.more == true)
    }

    @Test func `the parameters of a join have at most 64 KiB`() {
        let bench = Bench()
        bench.open(0, as: "ana")
        func join(_ count: Int) -> String {
            let filling = String(repeating: "x", count: count - #"{"x":""}"#.utf8.count)
            return bench.say(#"["1","1","course:1","phx_join",{"x":"\#(filling)"}]"#).joined()
        }
        let over = join(Limits.joinBytes + 1)
        #expect(over.contains("too_large"))
        let within = join(Limits.joinBytes)
        #expect(within.contains(#""status":"ok""#))
    }
}
