package import Basics
package import Hub
import Phoenix
import PubSub
import Resume
package import RoomContract
import WebSocket

/// One loop: a hub, its storage, its lines, and turns in which several things may happen at once.
package final class SimulatedLoop {
    let world: World
    unowned let node: Node
    let index: Int
    private let life: Int
    package private(set) var hub: Hub
    private let storage: SimulatedStorage
    private var lines: [Line?] = []
    /// What happens in the next turn.
    private var waiting: [() -> Void] = []
    private var turnIsScheduled = false

    init(node: Node, index: Int, life: Int) {
        let world = node.world
        self.world = world
        self.node = node
        self.index = index
        self.life = life
        var enter: (@escaping () -> Void) -> Void = { _ in }
        storage = SimulatedStorage(
            world: world, answersAtOnce: node.settings.storageAnswersAtOnce
        ) { step in enter(step) }
        var end: (UInt32, CloseReason) -> Void = { _, _ in }
        hub = Hub(
            Hub.Surroundings(
                loop: index, loops: node.settings.loops, catalog: Node.catalog,
                storage: storage.forHub, budget: node.settings.budget,
                graceOfPresence: node.settings.graceOfPresence, clock: world,
                seed: world.random.next(),
                log: .quiet,
                post: { [unowned node] to, mail in node.post(from: index, to: to, mail) },
                verify: { SimulatedToken.identity(of: $0, at: world.wallClock) },
                end: { slot, reason in end(slot, reason) }))
        hub.edge.deliveriesPerTurn = node.settings.deliveriesPerTurn
        enter = { [weak self] step in self?.enter(step) }
        end = { [weak self] slot, reason in self?.end(slot, reason) }
        storage.isUp = node.databaseIsReachable
    }

    var isAlive: Bool { node.isRunning && node.life == life }

    /// Ticks at the gateway's pace, and storage's own news.
    func begin() {
        every(.milliseconds(50)) { $0.hub.home.tick() }
        every(.seconds(1)) { loop in
            loop.hub.edge.tickSlowly()
            loop.hub.home.tickSlowly()
        }
        every(.milliseconds(500)) { $0.poll() }
    }

    private func every(_ interval: Duration, _ action: @escaping (SimulatedLoop) -> Void) {
        world.schedule(after: interval) { [weak self] in
            guard let self, isAlive else { return }
            enter { action(self) }
            every(interval, action)
        }
    }

    private func poll() {
        storage.pollAccessChanges { [weak self] result in
            guard let self, isAlive else { return }
            switch result {
            case .success(let changes):
                hub.receive(.toHome(.accessIsWatched(true)))
                if !changes.isEmpty { hub.receive(.toHome(.accessChanged(changes))) }
            case .failure:
                hub.receive(.toHome(.accessIsWatched(false)))
            }
        }
        guard index == 0 else { return }
        storage.drainOutbox { [weak self] result in
            guard let self, isAlive, case .success(let moved) = result else { return }
            for (topic, head) in moved {
                let home = topic.home(among: node.settings.loops)
                let mail = Mail.toHome(.headMoved(topic: topic, seq: head.seq))
                if home == index {
                    hub.receive(mail)
                } else {
                    node.post(from: index, to: home, mail)
                }
            }
        }
    }

    func databaseIsReachable(_ isReachable: Bool) {
        storage.isUp = isReachable
    }

    func die() {
        storage.close()
        waiting = []
        for case let line? in lines { line.serverDied() }
        lines = []
    }

    // MARK: Turns

    /// Has `action` happen in a turn of this loop, soon, maybe together with others.
    func enter(_ action: @escaping () -> Void) {
        guard isAlive else { return }
        waiting.append(action)
        scheduleTurn()
    }

    private func scheduleTurn() {
        guard !turnIsScheduled else { return }
        turnIsScheduled = true
        let delay = world.chance(50) ? .zero : world.microseconds(1...400)
        world.schedule(after: delay) { [weak self] in self?.turn() }
    }

    private func turn() {
        turnIsScheduled = false
        guard isAlive else { return }
        let actions = waiting
        waiting = []
        for action in actions { action() }
        hub.turnEnded()
        let unsettled = hub.edge.flush { slot, bytes in
            guard Int(slot) < lines.count, let line = lines[Int(slot)] else { return 0 }
            return bytes.withUnsafeBytes { line.take($0) }
        }
        for slot in unsettled { settle(slot) }
        if hub.hasWork { scheduleTurn() }
        if hub.edge.queuedBytes > node.settings.budget.totalBytes {
            world.violated("outboxes hold \(hub.edge.queuedBytes) bytes together")
        }
    }

    // MARK: Lines

    /// A socket that finished its handshake.
    func open(_ line: Line) {
        let slot = lines.firstIndex { $0 == nil } ?? lines.count
        if slot == lines.count { lines.append(nil) }
        lines[slot] = line
        line.slot = UInt32(slot)
        hub.edge.opened(
            UInt32(slot), identity: line.identity, version: line.version,
            compresses: line.compresses)
    }

    func received(_ kind: MessageKind, _ bytes: [UInt8], from line: Line) {
        guard let slot = line.slot, lines[Int(slot)] === line else { return }
        hub.edge.received(kind, bytes, from: slot)
    }

    /// The socket is gone, whoever ended it.
    func closed(_ line: Line, onPurpose: Bool) {
        guard let slot = line.slot, lines[Int(slot)] === line else { return }
        lines[Int(slot)] = nil
        hub.edge.closed(slot, onPurpose: onPurpose)
    }

    func flush(_ slot: UInt32) {
        guard Int(slot) < lines.count, let line = lines[Int(slot)] else { return }
        _ = hub.edge.flush(slot) { bytes in bytes.withUnsafeBytes { line.take($0) } }
        settle(slot)
    }

    /// The kernel has taken what it takes now.
    private func settle(_ slot: UInt32) {
        let left = hub.edge.waitingBytes(of: slot)
        lines[Int(slot)]?.isBlocked = left > 0
        if left > node.settings.budget.connectionBytes {
            world.violated("an outbox holds \(left) bytes")
        }
    }

    /// The client has read: there may be room in the kernel.
    func writable(_ line: Line, _ slot: UInt32) {
        guard Int(slot) < lines.count, lines[Int(slot)] === line else { return }
        flush(slot)
    }

    private func end(_ slot: UInt32, _ reason: CloseReason) {
        guard Int(slot) < lines.count, let line = lines[Int(slot)] else { return }
        enter { [self] in
            guard Int(slot) < lines.count, lines[Int(slot)] === line else { return }
            flush(slot)
            line.serverCloses(reason)
            closed(line, onPurpose: false)
        }
    }
}

/// The tokens of a simulation: `token-<person>`, or `anonymous`.
package enum SimulatedToken {
    package static func identity(
        of token: String, at now: Timestamp
    ) -> Result<Identity, Refusal> {
        let end = now.advanced(by: .seconds(86_400))
        if token == "anonymous" { return .success(Identity(person: nil, expiresAt: end)) }
        guard token.hasPrefix("token-") else {
            return .failure(Refusal(.tokenInvalid, "this is no token"))
        }
        return .success(
            Identity(person: String(token.dropFirst("token-".count)), expiresAt: end))
    }
}
