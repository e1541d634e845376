import Testing

@testable import EventLoop

/// A server and a client table on one loop, and what their owners heard.
final class Conversation {
    let loop: EventLoop
    let server: SocketTable
    let client: SocketTable
    let serverEar = Ear()
    let clientEar = Ear()
    private(set) var port: UInt16 = 0

    init(_ loop: EventLoop, host: String = "127.0.0.1", limits: SocketLimits = SocketLimits())
        throws
    {
        self.loop = loop
        server = SocketTable(loop: loop, limits: limits)
        client = SocketTable(loop: loop, limits: limits)
        server.owner = serverEar
        client.owner = clientEar
        port = try server.listen(host: host, port: 0)
    }

    @discardableResult
    func connect(host: String = "127.0.0.1") throws -> SocketID {
        try client.connect(host: host, port: port)
    }

    /// Turns the loop until `condition` holds; the test fails if that takes ten seconds.
    func run(until condition: @escaping () -> Bool) {
        let poll = loop.schedule(after: .zero, repeating: .milliseconds(1)) { [loop] in
            if condition() { loop.stop() }
        }
        loop.run()
        poll.cancel()
    }

    /// Opens one connection and returns both ends' ids.
    func open(host: String = "127.0.0.1") throws -> (server: SocketID, client: SocketID) {
        let before = serverEar.opened.count
        let client = try connect(host: host)
        run { self.serverEar.opened.count > before && self.clientEar.opened.contains(client) }
        let server = try #require(serverEar.opened.last)
        return (server, client)
    }
}

/// A socket owner that writes down what it hears and can answer.
final class Ear: SocketOwner {
    var opened: [SocketID] = []
    var peers: [PeerAddress] = []
    var received: [UInt8] = []
    var calls: [Int] = []
    var writable: [SocketID] = []
    var closed: [SocketID: SocketEnd] = [:]
    var closings = 0
    var whenOpened: (SocketID) -> Void = { _ in }
    var whenReceived: (SocketID) -> Void = { _ in }
    var whenClosed: (SocketID) -> Void = { _ in }

    func socketOpened(_ id: SocketID, peer: PeerAddress) {
        opened.append(id)
        peers.append(peer)
        whenOpened(id)
    }

    func socketReceived(_ id: SocketID, _ bytes: UnsafeRawBufferPointer) {
        received.append(contentsOf: bytes)
        calls.append(bytes.count)
        whenReceived(id)
    }

    func socketWritable(_ id: SocketID) {
        writable.append(id)
    }

    func socketClosed(_ id: SocketID, _ end: SocketEnd) {
        closed[id] = end
        closings += 1
        whenClosed(id)
    }
}

extension SocketTable {
    /// Sends text or an array; returns what the kernel took.
    func send(_ id: SocketID, _ bytes: some Sequence<UInt8>) -> Int {
        let bytes = Array(bytes)
        return send(id, bytes.span.bytes)
    }
}
