import Glibc
import Testing

@testable import EventLoop

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
