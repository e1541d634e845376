import Basics
import Crypto
package import EventLoop
import HTTP
package import Hub
import Phoenix
package import PubSub
import RoomContract
import WebSocket

/// One loop's door to the world: sockets in, frames out, and the loop's ``Hub`` between them.
///
/// It owns what the hub must not know: sockets, HTTP, the clock, mailboxes between threads.
/// Everything that a turn produced for a connection goes to the kernel in one system call at the
/// turn's end.
///
/// Confined to its loop.
package final class LoopGateway: SocketOwner {
    /// What other threads ask of this loop.
    package enum Order: Sendable {
        case mail(Mail)
        /// Open the port; the answer is ``LoopGateway/onListening``.
        case listen(port: UInt16)
        /// Stop accepting, tell everybody to come back, and say when all are gone.
        case drain
    }

    let loop: EventLoop
    let index: Int
    let options: GatewayOptions
    let sockets: SocketTable
    let gate: TokenGate
    let board: MetricsBoard
    let inflater = Inflater()
    /// For echoes only: what clients of the hub are sent, the hub compresses.
    let deflater = Deflater()
    var clients: ContiguousArray<Client?> = []
    var hub: Hub?
    /// Whether this loop's last question to the database was answered.
    package var databaseAnswers = false
    /// How many rows applications have published that are not in the log yet, when last asked.
    package var publishedWaiting = 0
    private let switchboard: Switchboard
    private(set) var bytesIn = 0
    private var dirtyClients: [Client] = []
    /// Hears the port that was opened, or what the kernel said.
    package var onListening: (Result<UInt16, SystemError>) -> Void = { _ in }
    /// Hears that a drain is over: the loop may be stopped.
    package var onDrained: () -> Void = {}
    private var hasDrained = false
    private var drainDeadline: Instant?
    private var waitsForTurn = false

    /// The door of loop `index`; it serves WebSockets after ``open(_:)``, and listens when
    /// ordered to.
    package init(
        loop: EventLoop, index: Int, options: GatewayOptions, switchboard: Switchboard,
        board: MetricsBoard
    ) {
        self.loop = loop
        self.index = index
        self.options = options
        self.switchboard = switchboard
        self.board = board
        sockets = SocketTable(loop: loop)
        gate = TokenGate(keys: options.keys)
        sockets.owner = self
        loop.onTurnEnd { [unowned self] in turnEnded() }
        loop.schedule(after: LoopGateway.tick, repeating: LoopGateway.tick) { [unowned self] in
            hub?.home.tick()
        }
        loop.schedule(after: .seconds(1), repeating: .seconds(1)) { [unowned self] in
            tickSlowly()
        }
        switchboard.connect(
            index,
            Mailbox(loop: loop) { [unowned self] orders in
                for order in orders { follow(order) }
            })
    }

    /// How often presence diffs are sent: half of what a person takes to notice, and at most 20
    /// diffs a second for a room.
    static let tick: Duration = .milliseconds(50)

    /// Storage is there: from now on connections can be served. Called again when the database
    /// turned out to be another one; everybody then starts afresh.
    package func open(_ storage: HubStorage) {
        if hub != nil {
            options.log.warning("the database has another epoch: all connections start afresh")
            for case let client? in clients {
                end(client, .serviceRestart)
                flush(client)
            }
        }
        hub = Hub(surroundings(storage))
    }

    private func listen(_ port: UInt16) -> Result<UInt16, SystemError> {
        do {
            return .success(try sockets.listen(host: options.host, port: port))
        } catch {
            return .failure(error)
        }
    }

    /// Mail from this loop's own storage to its homes or to those of all loops.
    package func deliver(_ mail: HomeMail) {
        hub?.receive(.toHome(mail))
    }

    /// Tells the home of a topic, wherever it is.
    package func deliver(_ mail: HomeMail, toHomeOf topic: TopicName) {
        let home = topic.home(among: options.loops)
        if home == index {
            deliver(mail)
        } else {
            switchboard.post(home, .mail(.toHome(mail)))
        }
    }

    /// Stops accepting and ends every connection with a code that brings it back;
    /// ``onDrained`` hears when all are gone, or after ``drainTime``.
    private func drain() {
        sockets.stopListening()
        drainDeadline = loop.now.advanced(by: LoopGateway.drainTime)
        for case let client? in clients { end(client, .serviceRestart) }
        finishDrain()
    }

    /// A peer that does not answer a close in five seconds would not in ten.
    static let drainTime: Duration = .seconds(5)

    var drainIsOff: Bool { drainDeadline == nil }

    private func surroundings(_ storage: HubStorage) -> Hub.Surroundings {
        let seed = SecureRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Hub.Surroundings(
            loop: index, loops: options.loops, catalog: options.catalog, storage: storage,
            budget: OutboxBudget(totalBytes: options.outboxBytes),
            graceOfPresence: options.graceOfPresence, clock: loop, seed: seed, log: options.log,
            post: { [switchboard] to, mail in switchboard.post(to, .mail(mail)) },
            verify: { [gate, loop] token in gate.identity(token, at: loop.wallClock) },
            end: { [unowned self] slot, reason in
                if let client = self[slot] { end(client, reason) }
            })
    }

    private func follow(_ order: Order) {
        switch order {
        case .mail(let mail): hub?.receive(mail)
        case .listen(let port): onListening(listen(port))
        case .drain: drain()
        }
    }

    subscript(slot: UInt32) -> Client? {
        Int(slot) < clients.count ? clients[Int(slot)] : nil
    }

    // MARK: Sockets

    package func socketOpened(_ id: SocketID, peer: PeerAddress) {
        while clients.count <= Int(id.slot) { clients.append(nil) }
        clients[Int(id.slot)] = Client(
            id: id, isLocal: peer.isLoopback, deadline: loop.now.advanced(by: Client.requestTime))
    }

    package func socketReceived(_ id: SocketID, _ bytes: UnsafeRawBufferPointer) {
        guard let client = self[id.slot] else { return }
        bytesIn += bytes.count
        switch client.phase {
        case .http(let parser): receiveHTTP(bytes, parser, from: client)
        case .webSocket, .echo: receiveFrames(bytes.bytes, from: client)
        }
    }

    package func socketWritable(_ id: SocketID) {
        guard let client = self[id.slot] else { return }
        flush(client)
    }

    package func socketClosed(_ id: SocketID, _ end: SocketEnd) {
        guard let client = self[id.slot] else { return }
        clients[Int(id.slot)] = nil
        if case .webSocket = client.phase {
            hub?.edge.closed(id.slot, onPurpose: client.leftOnPurpose)
        }
        finishDrain()
    }

    // MARK: Sending

    /// Queues bytes of an answer or an echo.
    func send(_ bytes: [UInt8], to client: Client) {
        if client.pending.isEmpty {
            client.pending = bytes
            dirtyClients.append(client)
        } else {
            client.pending.append(contentsOf: bytes)
        }
    }

    /// Queues a control frame, behind what already waits. Nothing follows the last one.
    func sendFrame(_ frame: [UInt8], to client: Client, isLast: Bool = false) {
        switch client.phase {
        case .webSocket: hub?.edge.enqueue(frame, to: client.id.slot, isLast: isLast)
        case .echo, .http: send(frame, to: client)
        }
    }

    private func turnEnded() {
        hub?.turnEnded()
        sendWhatTheHubHas()
        let dirty = dirtyClients
        dirtyClients = []
        for client in dirty where self[client.id.slot] === client { flush(client) }
        // Clients are dirty again when requests that were held back have been answered.
        if hub?.hasWork ?? false || !dirtyClients.isEmpty, !waitsForTurn {
            // Nothing but an empty performance keeps the loop from sleeping with work to do.
            waitsForTurn = true
            loop.perform { [unowned self] in waitsForTurn = false }
        }
    }

    /// The hot path of a fan-out: from the hub's outboxes to the kernel, by slot. Clients are
    /// looked at only where the kernel has not taken everything, or they are on their way out.
    private func sendWhatTheHubHas() {
        guard let edge = hub?.edge else { return }
        let unsettled = edge.flush { [sockets] slot, bytes in sockets.send(toSlot: slot, bytes) }
        for slot in unsettled {
            guard let client = self[slot] else { continue }
            settle(client, isWaiting: edge.waitingBytes(of: slot) > 0)
        }
    }

    private func flush(_ client: Client) {
        let id = client.id
        if case .webSocket = client.phase {
            let isWaiting = hub?.edge.flush(id.slot) { sockets.send(id, $0) } ?? false
            return settle(client, isWaiting: isWaiting)
        }
        if !client.pending.isEmpty {
            let taken = sockets.send(id, client.pending.span.bytes)
            if taken == client.pending.count {
                client.pending = []
            } else {
                client.pending.removeFirst(taken)
            }
        }
        settle(client, isWaiting: !client.pending.isEmpty)
    }

    private func settle(_ client: Client, isWaiting: Bool) {
        if isWaiting { sockets.awaitWritable(client.id) } else { sent(client) }
    }

    /// Everything is with the kernel.
    private func sent(_ client: Client) {
        if client.closesWhenSent { return sockets.closeAfterShutdown(client.id) }
        switch client.phase {
        case .http(let parser): if client.isHeldBack { resumeHTTP(parser, from: client) }
        case .echo: sockets.resumeReading(client.id)
        case .webSocket: break
        }
    }

    // MARK: Time

    private func tickSlowly() {
        hub?.edge.tickSlowly()
        hub?.home.tickSlowly()
        for case let client? in clients {
            if let deadline = client.deadline, deadline <= loop.now { sockets.close(client.id) }
        }
        reportMetrics()
        finishDrain()
    }

    private func finishDrain() {
        guard let deadline = drainDeadline, !hasDrained else { return }
        guard clients.allSatisfy({ $0 == nil }) || deadline <= loop.now else { return }
        hasDrained = true
        onDrained()
    }
}
