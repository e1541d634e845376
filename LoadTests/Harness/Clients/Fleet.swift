import Basics
import Crypto
import EventLoop
import Glibc
import WebSocket

/// What a fleet tells about its clients, on its loop.
protocol FleetOwner: AnyObject {
    func clientOpened(_ client: Client)

    /// One whole text message. `now` is the time of the read it came with.
    func clientReceived(_ client: Client, _ text: [UInt8], at now: Int64)

    /// It never opened, or is open no more; `reason` is for people.
    func clientEnded(_ client: Client, reason: String)
}

/// Thousands of WebSocket clients on one loop.
final class Fleet {
    /// Connections under way at once. A server's backlog takes them without retransmissions, which
    /// would show as seconds; more than this measures the kernel's queues.
    static let connectsAtOnce = 128

    /// Connections from one source address. Linux has about 28,000 ports for them
    /// (ip_local_port_range); some belong to other programs.
    static let connectionsPerAddress = 20_000

    /// Descriptors for everything that is not a connection.
    static let reservedDescriptors = 64

    let clients: [Client]
    weak var owner: (any FleetOwner)?

    /// From the connect to the answered upgrade.
    private(set) var openLatency = Histogram()
    private(set) var openCount = 0
    private(set) var endedCount = 0
    private(set) var bytesReceived = 0
    /// How clients ended, for people, with how often.
    private(set) var endings: [String: Int] = [:]
    /// Ends that belong to the plan, such as those of a restart: not in ``endings``.
    private(set) var plannedEndings = 0
    /// Whether ends belong to the plan from now on.
    var endingsArePlanned = false

    private let loop: EventLoop
    private let table: SocketTable
    private let common: CommonOptions
    private let path: (Int) -> String?
    private let inflater = Inflater()
    private var bySlot: [Client?] = []
    private var admitted = 0
    private var nextToConnect = 0
    /// Who comes back, first come first served, from ``nextToReturn`` on.
    private var returning: [Client] = []
    private var nextToReturn = 0
    private var connecting = 0
    private var isConnecting = false
    private var isLeaving = false
    private var masks = Seeded(seed: 0x6D61_736B)

    /// Client `i` is person `i` of the process (``CommonOptions/person(_:)``), with the path of a
    /// Phoenix socket unless `path` says another.
    init(
        loop: EventLoop, count: Int, common: CommonOptions,
        path: @escaping (Int) -> String? = { _ in nil }
    ) {
        self.loop = loop
        self.common = common
        self.path = path
        clients = (0..<count).map(Client.init)
        table = SocketTable(loop: loop)
        table.owner = self
    }

    /// Why so many connections cannot be made from here; nil when they can.
    static func obstacle(to count: Int, openFiles: Int, spreadsAddresses: Bool) -> String? {
        if count > openFiles - reservedDescriptors {
            return "\(count) connections need \(count + reservedDescriptors) descriptors, this "
                + "process may open \(openFiles): raise the limit (ulimit -n) or ask for fewer"
        }
        if count > connectionsPerAddress && !spreadsAddresses {
            return "\(count) connections need more ports than one source address has: add "
                + "--loopback-addresses, or ask for at most \(connectionsPerAddress)"
        }
        return nil
    }

    /// Starts to connect everybody, ``connectsAtOnce`` at a time.
    func connect() {
        admit(clients.count)
    }

    /// Lets the first `count` connect, of whom some may have done so.
    func admit(_ count: Int) {
        admitted = max(admitted, min(count, clients.count))
        connectMore()
    }

    /// Ends a connection without a word, as a lost network does: no close frame. The owner is not
    /// told, and it counts as no ending.
    func cut(_ client: Client) {
        guard !client.hasEnded else { return }
        if let socket = client.socket { table.close(socket) }
        retire(client)
    }

    /// Says goodbye and ends a connection; otherwise as ``cut(_:)``.
    func closePolitely(_ client: Client) {
        guard client.isOpen, let socket = client.socket else { return cut(client) }
        write(
            FrameEncoder.close(.normal, maskKey: UInt32(truncatingIfNeeded: masks.next())),
            from: client)
        table.closeAfterShutdown(socket)
        retire(client)
    }

    /// Connects a client again that has ended or was cut.
    func reconnect(_ client: Client) {
        guard !isLeaving else { return }
        precondition(client.hasEnded, "client \(client.index) is not gone")
        client.forgetConnection()
        returning.append(client)
        connectMore()
    }

    /// Queues a text message; it goes out now as far as the kernel takes it.
    func send(_ text: [UInt8], from client: Client) {
        var frame: [UInt8] = []
        append(text, to: &frame)
        write(frame, from: client)
    }

    /// Appends a message as a masked frame, for several in one ``write(_:from:)``.
    func append(_ text: [UInt8], as opcode: Opcode = .text, to frames: inout [UInt8]) {
        FrameEncoder.append(
            opcode, text, maskKey: UInt32(truncatingIfNeeded: masks.next()), to: &frames)
    }

    /// Sends frames that are ready.
    func write(_ frames: [UInt8], from client: Client) {
        guard client.isOpen, let socket = client.socket else { return }
        client.spokeAt = MonotonicClock.nanoseconds
        guard client.unsent.isEmpty else {
            client.unsent += frames
            return
        }
        let sent = table.send(socket, frames.span.bytes)
        guard sent < frames.count else { return }
        client.unsent = Array(frames[sent...])
        table.awaitWritable(socket)
    }

    /// Begins the figures of connecting anew.
    func forgetLatencies() {
        openLatency = Histogram()
    }

    /// Tells the server of everybody's end (close 1000), so that nobody is waited for. What
    /// happens to clients from here on is not reported.
    func sayGoodbye() {
        isLeaving = true
        for client in clients where client.isOpen {
            write(
                FrameEncoder.close(.normal, maskKey: UInt32(truncatingIfNeeded: masks.next())),
                from: client)
        }
    }
}

// Connecting.
extension Fleet {
    private func connectMore() {
        guard !isConnecting else { return }
        isConnecting = true
        defer { isConnecting = false }
        while connecting < Fleet.connectsAtOnce, let client = takeNext() { connect(client) }
    }

    private func takeNext() -> Client? {
        if nextToReturn < returning.count {
            nextToReturn += 1
            return returning[nextToReturn - 1]
        }
        returning.removeAll(keepingCapacity: true)
        nextToReturn = 0
        guard nextToConnect < admitted else { return nil }
        nextToConnect += 1
        return clients[nextToConnect - 1]
    }

    private func connect(_ client: Client) {
        client.startedAt = MonotonicClock.nanoseconds
        do throws(SystemError) {
            let socket = try table.connect(
                host: common.target.host, port: common.target.port, from: source(of: client))
            client.socket = socket
            client.handshake = ClientHandshake(
                host: common.target.text,
                target: path(client.index)
                    ?? common.socketPath(for: common.person(client.index)),
                nonce: SecureRandom.bytes(16))
            remember(client, socket)
            connecting += 1
        } catch {
            // Told later, as all other ends are.
            loop.perform { self.end(client, error.message) }
        }
    }

    private func source(of client: Client) -> String? {
        guard common.spreadsAddresses else { return nil }
        let number = common.personBase + client.index
        return "127.0.0.\(1 + number / Fleet.connectionsPerAddress)"
    }

    private func remember(_ client: Client, _ socket: SocketID) {
        let slot = Int(socket.slot)
        if slot >= bySlot.count {
            bySlot.append(contentsOf: repeatElement(nil, count: slot + 1 - bySlot.count))
        }
        bySlot[slot] = client
    }

    private func client(of socket: SocketID) -> Client? {
        let slot = Int(socket.slot)
        guard slot < bySlot.count, let client = bySlot[slot], client.socket == socket else {
            return nil
        }
        return client
    }

    /// Once for every client that does not make it, or not to the end.
    private func end(_ client: Client, _ reason: String) {
        guard !client.hasEnded, !isLeaving else { return }
        retire(client)
        endedCount += 1
        if endingsArePlanned {
            plannedEndings += 1
        } else {
            endings[reason, default: 0] += 1
        }
        owner?.clientEnded(client, reason: reason)
        connectMore()
    }

    private func retire(_ client: Client) {
        client.hasEnded = true
        if client.handshake != nil { connecting -= 1 }
        client.handshake = nil
        if client.isOpen { openCount -= 1 }
        client.isOpen = false
    }

    /// Ends a client that the server has let down.
    private func giveUp(_ client: Client, _ reason: String) {
        if let socket = client.socket { table.close(socket) }
        end(client, reason)
    }
}

extension Fleet: SocketOwner {
    func socketOpened(_ id: SocketID, peer: PeerAddress) {
        guard let client = client(of: id), let request = client.handshake?.request else { return }
        let sent = table.send(id, request.span.bytes)
        // A fresh socket has room for a request; less means that it is gone.
        if sent < request.count { giveUp(client, "the upgrade could not be sent") }
    }

    func socketReceived(_ id: SocketID, _ bytes: UnsafeRawBufferPointer) {
        guard let client = client(of: id), !client.hasEnded else { return }
        bytesReceived += bytes.count
        if client.handshake != nil {
            upgrade(client, bytes.bytes)
        } else {
            receive(client, bytes.bytes)
        }
    }

    func socketWritable(_ id: SocketID) {
        guard let client = client(of: id) else { return }
        let sent = table.send(id, client.unsent.span.bytes)
        client.unsent.removeFirst(sent)
        if !client.unsent.isEmpty { table.awaitWritable(id) }
    }

    func socketClosed(_ id: SocketID, _ end: SocketEnd) {
        guard let client = client(of: id) else { return }
        bySlot[Int(id.slot)] = nil
        switch end {
        case .closedByPeer: self.end(client, "closed by the server")
        case .closedByUs: self.end(client, "closed by us")
        case .failed(let error): self.end(client, error.message)
        }
    }

    private func upgrade(_ client: Client, _ bytes: RawSpan) {
        let agreement: ClientHandshake.Agreement?
        do throws(ClientHandshakeError) {
            agreement = try client.handshake?.feed(bytes)
        } catch {
            giveUp(client, "upgrade: \(error)")
            return
        }
        guard let agreement else { return }
        client.handshake = nil
        client.isOpen = true
        connecting -= 1
        openCount += 1
        openLatency.record(MonotonicClock.nanoseconds - client.startedAt)
        owner?.clientOpened(client)
        if !agreement.leftover.isEmpty { receive(client, agreement.leftover.span.bytes) }
        connectMore()
    }

    private func receive(_ client: Client, _ bytes: RawSpan) {
        let now = MonotonicClock.nanoseconds
        var offset = 0
        do throws(ProtocolError) {
            while let event = try client.decoder.next(in: bytes, from: &offset, inflater: inflater)
            {
                switch event {
                case .message(_, let message): owner?.clientReceived(client, message, at: now)
                case .ping(let payload):
                    let mask = UInt32(truncatingIfNeeded: masks.next())
                    write(FrameEncoder.pong(payload, maskKey: mask), from: client)
                case .pong: break
                case .close(let code, let reason):
                    let number = code.map { "\($0.rawValue)" } ?? "without a code"
                    giveUp(client, "close \(number) \(reason)")
                }
            }
        } catch {
            giveUp(client, "the server broke RFC 6455: \(error.rawValue)")
        }
    }
}
