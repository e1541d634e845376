import Basics
import MemoryStorage
import PubSub
import Resume
import RoomContract
import Testing
import WebSocket

@testable import Hub

/// A full outbox: what can come again is discarded, and comes again, once.
@Suite struct SlowReaderTests {
    private static func seqs(_ heard: [String]) -> [Int64] {
        heard.filter { $0.contains("message:new") }.compactMap { frame in
            frame.components(after: #""seq":"#).flatMap { Int64($0.prefix { $0.isNumber }) }
        }
    }

    private func say(_ number: Int, _ bench: Bench) {
        bench.now = bench.now.advanced(by: .seconds(2))
        let text = String(repeating: "x", count: 300)
        let payload = #"{"client_id":"c\#(number)","text":"\#(text)"}"#
        bench.say(#"["1","\#(number)","course:1","message:send",\#(payload)]"#)
    }

    @Test func `a reader that reads nothing is paged once it reads, without hole or double`() {
        let bench = Bench(budget: OutboxBudget(connectionBytes: 3_000, totalBytes: 1 << 20))
        for slot in [UInt32(0), 1] {
            bench.open(slot, as: slot == 0 ? "ana" : "ben")
            bench.say(#"["1","1","course:1","phx_join",{}]"#, on: slot)
        }
        for number in 2...41 {
            say(number, bench)
            #expect(bench.hub.edge.waitingBytes(of: 1) <= 3_000)
        }
        #expect(bench.hub.edge.counters.rewinds > 0)
        var heard: [String] = []
        for _ in 0..<200 { heard += bench.hear(1) }
        #expect(Self.seqs(heard) == Array(1...40))
        #expect(bench.hub.census.catchUps == 0)
    }

    @Test func `readers that share a budget with a hog get their entries in time`() {
        let bench = Bench(budget: OutboxBudget(connectionBytes: 1 << 20, totalBytes: 6_000))
        for slot in [UInt32(0), 1, 2] {
            bench.open(slot, as: slot == 0 ? "ana" : "ben")
            bench.say(#"["1","1","course:1","phx_join",{}]"#, on: slot)
        }
        var heard: [String] = []
        for number in 2...31 {
            say(number, bench)
            heard += bench.hear(2)
        }
        for _ in 0..<50 {
            heard += bench.hear(2)
            bench.turn { $0.edge.tickSlowly() }
            _ = bench.hear(1)
        }
        #expect(Self.seqs(heard) == Array(1...30))
    }

    @Test func `presence that found no room comes as a state`() {
        let bench = Bench(budget: OutboxBudget(connectionBytes: 900, totalBytes: 1 << 20))
        bench.open(0, as: "ana")
        bench.open(1, as: "ben")
        bench.say(#"["1","1","course:1","phx_join",{}]"#)
        bench.tick()
        _ = bench.hear()
        for round in 2...8 {
            bench.turn {
                $0.edge.received(
                    .text, Array(#"["\#(round)","\#(round)","course:1","phx_join",{}]"#.utf8),
                    from: 1)
            }
            bench.tick()
            _ = bench.hear(1)
            bench.say(#"["\#(round)","9","course:1","phx_leave",{}]"#, on: 1)
            bench.tick()
        }
        var heard: [String] = []
        for _ in 0..<20 { heard += bench.hear(0) }
        let last = heard.last ?? ""
        #expect(last.contains("presence_state"))
        #expect(!last.contains("ben"))
    }
}

extension String {
    /// What follows the first occurrence of `mark`.
    fileprivate func components(after mark: String) -> Substring? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(mark) { return rest.dropFirst(mark.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
