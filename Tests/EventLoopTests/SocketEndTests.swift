import Glibc
import Testing

@testable import EventLoop

@Suite struct SocketEndTests {
    @Test func `bytes before the end of input arrive before it`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let ids = try talk.open()
            _ = talk.client.send(ids.client, "bye".utf8)
            talk.client.close(ids.client)
            talk.run { talk.server.count == 0 }
            #expect(talk.serverEar.received == Array("bye".utf8))
            #expect(talk.serverEar.closed == [ids.server: .closedByPeer])
        }
    }

    @Test func `a reset is a failure`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let ids = try talk.open()
            reset(talk.client, ids.client)
            talk.run { talk.server.count == 0 }
            let end = SocketEnd.failed(SystemError(code: ECONNRESET, operation: "receive"))
            #expect(talk.serverEar.closed == [ids.server: end])
        }
    }

    @Test func `a reset is noticed while reading is paused if there is something to send`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let ids = try talk.open()
            talk.server.pauseReading(ids.server)
            reset(talk.client, ids.client)
            talk.run { talk.client.count == 0 }
            talk.server.awaitWritable(ids.server)
            talk.run { talk.server.count == 0 }
            #expect(talk.serverEar.closings == 1)
            #expect(talk.serverEar.writable.isEmpty)
        }
    }

    @Test func `sending into a reset socket reports its end later, not inside the send`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let ids = try talk.open()
            talk.server.pauseReading(ids.server)
            reset(talk.client, ids.client)
            talk.run { talk.client.count == 0 }
            let sent = talk.server.send(ids.server, [1])
            let heard = talk.serverEar.closings
            #expect(sent == 0)
            #expect(heard == 0)
            talk.run { talk.server.count == 0 }
            #expect(talk.serverEar.closings == 1)
        }
    }

    @Test func `closing is reported later and repeating it changes nothing`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let ids = try talk.open()
            talk.server.close(ids.server)
            talk.server.close(ids.server)
            talk.server.closeAfterShutdown(ids.server)
            let heard = talk.serverEar.closings
            #expect(heard == 0)
            talk.run { talk.server.count == 0 }
            talk.server.close(ids.server)
            #expect(talk.serverEar.closed == [ids.server: .closedByUs])
            #expect(talk.serverEar.closings == 1)
        }
    }

    @Test func `a stale id does not touch the socket that uses its slot now`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let first = try talk.open()
            talk.server.close(first.server)
            talk.run { talk.server.count == 0 && talk.client.count == 0 }
            let second = try talk.open()
            #expect(second.server.slot == first.server.slot)
            #expect(second.server != first.server)
            talk.server.close(first.server)
            talk.server.pauseReading(first.server)
            talk.server.closeAfterShutdown(first.server)
            _ = talk.client.send(second.client, "still here".utf8)
            talk.run { talk.serverEar.received.count == 10 }
            #expect(talk.server.count == 1)
        }
    }

    @Test func `what was sent before a shutdown survives input nobody read`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let ids = try talk.open()
            talk.server.pauseReading(ids.server)
            _ = talk.client.send(ids.client, repeatElement(1, count: 100_000))
            _ = talk.server.send(ids.server, "last words".utf8)
            talk.server.closeAfterShutdown(ids.server)
            talk.run { talk.server.count == 0 && talk.client.count == 0 }
            #expect(talk.clientEar.received == Array("last words".utf8))
            #expect(talk.clientEar.closed == [ids.client: .closedByPeer])
            #expect(talk.serverEar.closed == [ids.server: .closedByUs])
            #expect(talk.serverEar.received.isEmpty)
        }
    }

    @Test func `a peer that never finishes is cut off after the linger time and not before`() throws
    {
        try withLoop { loop in
            var limits = SocketLimits()
            limits.linger = .milliseconds(40)
            let talk = try Conversation(loop, limits: limits)
            let ids = try talk.open()
            talk.client.pauseReading(ids.client)
            let start = ContinuousClock.now
            talk.server.closeAfterShutdown(ids.server)
            talk.run { talk.server.count == 0 }
            let elapsed = ContinuousClock.now - start
            #expect(elapsed >= .milliseconds(39))
            #expect(talk.serverEar.closed == [ids.server: .closedByUs])
        }
    }

    @Test func `closing the loop reports every socket still open`() throws {
        let loop = EventLoop()
        let talk = try Conversation(loop)
        let ids = try talk.open()
        talk.serverEar.whenClosed = { _ in
            _ = talk.server.send(ids.server, [1])
            loop.schedule(after: .seconds(60)) {}
        }
        loop.close()
        #expect(talk.serverEar.closed == [ids.server: .closedByUs])
        #expect(talk.clientEar.closed == [ids.client: .closedByUs])
        #expect(talk.server.count == 0)
    }
}

/// Closes a socket so that its peer gets RST (socket(7), SO_LINGER of zero seconds).
private func reset(_ table: SocketTable, _ id: SocketID) {
    guard let record = table.slots.find(id) else { return }
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
        record.descriptor, SOL_SOCKET, SO_LINGER, &option,
        socklen_t(MemoryLayout<linger>.size))
    table.close(id)
}
