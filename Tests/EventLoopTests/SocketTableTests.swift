import Basics
import Glibc
import Testing

@testable import EventLoop

@Suite struct SocketTableTests {
    @Test(arguments: ["127.0.0.1", "localhost", "::1"])
    func `bytes travel both ways and both ends hear of the end once`(host: String) throws {
        try withLoop { loop in
            let talk = try Conversation(loop, host: host)
            talk.serverEar.whenReceived = { id in _ = talk.server.send(id, "pong".utf8) }
            talk.clientEar.whenOpened = { id in _ = talk.client.send(id, "ping".utf8) }
            talk.clientEar.whenReceived = { id in talk.client.close(id) }
            let id = try talk.connect(host: host)
            talk.run { talk.client.count == 0 && talk.server.count == 0 }
            #expect(talk.serverEar.received == Array("ping".utf8))
            #expect(talk.clientEar.received == Array("pong".utf8))
            #expect(talk.clientEar.closed == [id: .closedByUs])
            #expect(Array(talk.serverEar.closed.values) == [.closedByPeer])
            #expect(talk.serverEar.closings == 1)
            #expect(talk.serverEar.peers.first?.isLoopback == true)
        }
    }

    @Test func `connecting never reports synchronously`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let id = try talk.connect()
            let heard = talk.clientEar.opened
            #expect(heard.isEmpty)
            talk.run { !talk.clientEar.opened.isEmpty }
            #expect(talk.clientEar.opened == [id])
        }
    }

    @Test func `a refused connection is closed without having been opened`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            talk.server.stopListening()
            let id = try talk.connect()
            talk.run { talk.client.count == 0 }
            let end = SocketEnd.failed(SystemError(code: ECONNREFUSED, operation: "connect"))
            #expect(talk.clientEar.opened.isEmpty)
            #expect(talk.clientEar.closed == [id: end])
        }
    }

    @Test(arguments: ["", "example.org", "127.0.0.1.1", "::g"])
    func `names are refused because looking them up would block`(host: String) {
        withLoop { loop in
            let table = SocketTable(loop: loop)
            let error = #expect(throws: SystemError.self) {
                _ = try table.connect(host: host, port: 1)
            }
            #expect(error?.code == EINVAL)
        }
    }

    @Test func `a connection can start from a chosen loopback address`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            _ = try talk.client.connect(host: "127.0.0.1", port: talk.port, from: "127.0.0.7")
            talk.run { !talk.serverEar.peers.isEmpty }
            let host = talk.serverEar.peers.first?.host
            #expect(host == "127.0.0.7")
        }
    }

    @Test func `accepted and connecting sockets do not wait to fill a segment`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let ids = try talk.open()
            let ends = [talk.server.slots.find(ids.server), talk.client.slots.find(ids.client)]
            let noDelay = ends.map { $0.map { tcpNoDelay($0.descriptor) } }
            #expect(noDelay == [true, true])
        }
    }

    @Test func `two tables share one port`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let second = SocketTable(loop: loop)
            let port = try second.listen(host: "127.0.0.1", port: talk.port)
            #expect(port == talk.port)
        }
    }

    @Test func `a port held by somebody else is an error that names it`() throws {
        try withLoop { loop in
            let holder = try BlockedPort()
            let table = SocketTable(loop: loop)
            let error = #expect(throws: SystemError.self) {
                _ = try table.listen(host: "127.0.0.1", port: holder.port)
            }
            #expect(error?.code == EADDRINUSE)
            #expect(error?.operation == "listen on 127.0.0.1:\(holder.port)")
        }
    }
}

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
            #expect(talk.clientEar.received == sent)
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

@Suite struct SocketReentrancyTests {
    @Test func `an owner may close a socket while it is opened, and others while they read`() throws
    {
        try withLoop { loop in
            let talk = try Conversation(loop)
            let pairs = try (0..<8).map { _ in try talk.open() }
            // Whoever is read first closes all, itself included, in the middle of the batch.
            talk.serverEar.whenReceived = { _ in
                for pair in pairs { talk.server.close(pair.server) }
            }
            for pair in pairs { _ = talk.client.send(pair.client, [1]) }
            talk.run { talk.server.count == 0 && talk.client.count == 0 }
            #expect(talk.serverEar.closings == 8)
            #expect(talk.serverEar.received == [1])
            talk.serverEar.whenOpened = { talk.server.close($0) }
            try talk.connect()
            talk.run { talk.serverEar.closings == 9 && talk.client.count == 0 }
            #expect(talk.server.count == 0)
        }
    }

    @Test func `an owner may stop listening while connections wait to be accepted`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            talk.serverEar.whenOpened = { _ in talk.server.stopListening() }
            for _ in 0..<5 { try talk.connect() }
            talk.run { talk.client.count == 1 }
            #expect(talk.serverEar.opened.count == 1)
        }
    }

    @Test func `an owner may connect again when it hears of an end`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            var left = 5
            talk.serverEar.whenOpened = { talk.server.close($0) }
            talk.clientEar.whenClosed = { _ in
                left -= 1
                if left > 0 { #expect(throws: Never.self) { try talk.connect() } }
            }
            try talk.connect()
            talk.run { left == 0 && talk.server.count == 0 }
            #expect(talk.clientEar.closings == 5)
        }
    }
}

@Suite struct SocketStormTests {
    @Test func `two thousand connections come and go and leave no record behind`() throws {
        try withLoop { loop in
            let talk = try Conversation(loop)
            talk.serverEar.whenReceived = { talk.server.close($0) }
            talk.clientEar.whenOpened = { _ = talk.client.send($0, [1]) }
            let total = 2_000
            let atOnce = 200
            var started = 0
            talk.clientEar.whenClosed = { _ in
                guard started < total else { return }
                started += 1
                #expect(throws: Never.self) { try talk.connect() }
            }
            for _ in 0..<atOnce {
                started += 1
                try talk.connect()
            }
            talk.run {
                talk.clientEar.closings == total && talk.server.count == 0
            }
            #expect(talk.serverEar.opened.count == total)
            #expect(talk.serverEar.closings == total)
            #expect(talk.client.count == 0)
            // Records are used again: the block holds 256, and at most 200 lived at once on
            // the client's side.
            #expect(talk.client.slots.capacity == 256)
        }
    }

    @Test func `one turn accepts no more than its share`() throws {
        try withLoop { loop in
            var limits = SocketLimits()
            limits.acceptsPerTurn = 3
            let talk = try Conversation(loop, limits: limits)
            var inTurn = 0
            var turns: [Int] = []
            talk.serverEar.whenOpened = { _ in inTurn += 1 }
            loop.onTurnEnd {
                if inTurn > 0 { turns.append(inTurn) }
                inTurn = 0
            }
            for _ in 0..<10 { try talk.connect() }
            talk.run { talk.server.count == 10 }
            #expect(turns.max() == 3)
        }
    }

    @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM, EIO])
    func `a machine without descriptors or memory is not asked again at once`(code: Int32) {
        let failure = AcceptFailure(code)
        #expect(failure == .affectsAll)
    }

    @Test func `a connection that died in the backlog does not stop the next`() {
        let failures = [ECONNABORTED, EPROTO, EINTR].map(AcceptFailure.init)
        let empty = AcceptFailure(EAGAIN)
        #expect(failures == [.affectsOne, .affectsOne, .affectsOne])
        #expect(empty == .nobodyWaits)
    }

    @Test func `a client on its own thread and loop talks to this one`() throws {
        try withLoop { loop in
            let server = SocketTable(loop: loop)
            let ear = Ear()
            server.owner = ear
            let port = try server.listen(host: "127.0.0.1", port: 0)
            let thread = LoopThread.start(name: "client") { EchoedBytes.send(to: port) }
            ear.whenReceived = { id in
                _ = server.send(id, ear.received)
                ear.received = []
            }
            ear.whenClosed = { _ in loop.stop() }
            loop.run()
            thread.join()
            #expect(ear.opened.count == 1)
            #expect(ear.closings == 1)
        }
    }
}

/// The client of the two-loop test: sends a thousand bytes one by one, each when the last came
/// back, and closes.
private enum EchoedBytes {
    static func send(to port: UInt16) {
        let loop = EventLoop()
        let table = SocketTable(loop: loop)
        let ear = Ear()
        table.owner = ear
        ear.whenOpened = { _ = table.send($0, [0]) }
        ear.whenReceived = { id in
            if ear.received.count < 1_000 { _ = table.send(id, [1]) } else { table.close(id) }
        }
        ear.whenClosed = { _ in loop.stop() }
        #expect(throws: Never.self) { try table.connect(host: "127.0.0.1", port: port) }
        loop.run()
        #expect(ear.received.count == 1_000)
        loop.close()
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

private func tcpNoDelay(_ descriptor: Int32) -> Bool {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &length)
    return value != 0
}

/// A listening port that refuses to be shared.
private final class BlockedPort {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = try SocketAddress(host: "127.0.0.1", port: 0)
        let status = address.withPointer { bind(descriptor, $0, $1) }
        try #require(status == 0)
        listen(descriptor, 1)
        port = try #require(PeerAddress(try SocketAddress(localOf: descriptor))).port
    }

    deinit {
        close(descriptor)
    }
}
