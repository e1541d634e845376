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
