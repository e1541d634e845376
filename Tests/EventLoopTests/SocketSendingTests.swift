import Testing

@testable import EventLoop

@Suite struct SocketSendingTests {
    @Test func `a reader that stops fills the kernel, and reading again makes room`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let ids = try talk.open()
            talk.client.pauseReading(ids.client)
            let chunk = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
            var sent: [UInt8] = []
            while true {
                let count = talk.server.send(ids.server, chunk)
                sent += chunk.prefix(count)
                if count == 0 { break }
            }
            #expect(!sent.isEmpty)
            talk.server.awaitWritable(ids.server)
            talk.server.awaitWritable(ids.server)
            loop.schedule(after: .milliseconds(10)) { talk.client.resumeReading(ids.client) }
            talk.run { talk.clientEar.received.count == sent.count }
            // Compared first: the difference of two such arrays would take minutes to print.
            let isSame = talk.clientEar.received == sent
            #expect(isSame)
            #expect(talk.serverEar.writable == [ids.server])
        }
    }

    @Test func `one call brings at most the buffer and one turn at most its reads`() throws {
        try withLoop { loop in
            var limits = SocketLimits()
            limits.readsPerTurn = 2
            let talk = try Conversation(loop, limits: limits)
            let ids = try talk.open()
            var callsOfTurns: [Int] = []
            var calls = 0
            talk.clientEar.whenReceived = { _ in calls += 1 }
            loop.onTurnEnd {
                if calls > 0 { callsOfTurns.append(calls) }
                calls = 0
            }
            talk.client.pauseReading(ids.client)
            let size = SocketTable.bufferBytes * 8
            var left = size
            while left > 0 {
                let count = talk.server.send(ids.server, repeatElement(7, count: left))
                guard count > 0 else { break }
                left -= count
            }
            let total = size - left
            talk.client.resumeReading(ids.client)
            talk.run { talk.clientEar.received.count == total }
            let largest = talk.clientEar.calls.max() ?? 0
            #expect(largest == SocketTable.bufferBytes)
            #expect(callsOfTurns.max() == 2)
        }
    }

    @Test func `sending nothing, to a stale id and to a closed socket takes nothing`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let ids = try talk.open()
            let stale = SocketID(slot: ids.server.slot, generation: ids.server.generation + 1)
            let unknown = SocketID(slot: .max, generation: 1)
            let none = talk.server.send(ids.server, [])
            let toStale = talk.server.send(stale, [1])
            let toUnknown = talk.server.send(unknown, [1])
            talk.server.close(ids.server)
            let toClosed = talk.server.send(ids.server, [1])
            #expect([none, toStale, toUnknown, toClosed] == [0, 0, 0, 0])
        }
    }
}
