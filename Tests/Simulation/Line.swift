import Basics
package import Hub
package import Phoenix
package import RoomContract
package import WebSocket

/// One socket between a client and a loop: in order both ways, with a delay of its own, until it
/// is cut.
///
/// Towards the client it holds at most `capacityBytes`, as kernels do: more is taken only when
/// the client has read.
package final class Line {
    private let world: World
    let loop: SimulatedLoop
    let identity: Identity
    package let version: WireVersion
    let compresses: Bool
    var slot: UInt32?
    /// The server has more for this line than it takes.
    var isBlocked = false
    private let latency: Latency
    private var isCut = false
    private var inFlightBytes = 0
    private var arrivalsDown = Instant(nanoseconds: 0)
    private var arrivalsUp = Instant(nanoseconds: 0)
    private var unread: [UInt8] = []
    private var decoder: FrameDecoder
    private let inflater = Inflater()
    /// How the client reads.
    package var pace = Pace.atOnce
    /// What the client hears.
    private let onEvent: (Event) -> Void

    package enum Event {
        case message(MessageKind, [UInt8])
        /// The line is dead; the code, where the server said one.
        case ended(CloseReason?)
    }

    package enum Pace {
        case atOnce
        /// So many bytes each 10 ms.
        case bytes(Int)
        case never
    }

    package struct Latency {
        package var up: ClosedRange<Int> = 1...40
        package var down: ClosedRange<Int> = 1...40
        package var capacityBytes = 64 << 10

        package init() {}
    }

    package init(
        to loop: SimulatedLoop, identity: Identity, version: WireVersion, compresses: Bool,
        latency: Latency, onEvent: @escaping (Event) -> Void
    ) {
        world = loop.world
        self.loop = loop
        self.identity = identity
        self.version = version
        self.compresses = compresses
        self.latency = latency
        self.onEvent = onEvent
        decoder = FrameDecoder(role: .client, inflates: compresses, maximumMessageBytes: 4 << 20)
        up { $0.loop.open($0) }
    }

    // MARK: Client to server

    package func send(_ kind: MessageKind, _ bytes: [UInt8]) {
        world.trace("> \(String(decoding: bytes, as: UTF8.self))", of: self)
        up { $0.loop.received(kind, bytes, from: $0) }
    }

    /// The client says goodbye with 1000.
    package func close() {
        up { $0.loop.closed($0, onPurpose: true) }
        silence()
    }

    /// The line drops; the server notices after `notice`.
    package func cut(noticedAfter notice: Duration) {
        guard !isCut else { return }
        silence()
        // What is under way arrives before the end does.
        let end = max(arrivalsUp, world.now.advanced(by: notice))
        world.schedule(after: world.now.duration(to: end)) { [self] in
            loop.enter { [self] in loop.closed(self, onPurpose: false) }
        }
    }

    private func up(_ action: @escaping (Line) -> Void) {
        guard !isCut else { return }
        // Nobody listens there any more, and its machine says so.
        guard loop.isAlive else { return serverDied() }
        arrivalsUp = max(arrivalsUp, world.now.advanced(by: world.milliseconds(latency.up)))
        world.schedule(after: world.now.duration(to: arrivalsUp)) { [self] in
            guard loop.isAlive else { return serverDied() }
            loop.enter { [self] in action(self) }
        }
    }

    /// Nothing more is heard on this end, and what is under way is lost.
    private func silence() {
        isCut = true
        unread = []
    }

    // MARK: Server to client

    /// What the kernel takes of `bytes`.
    func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        // A dead line takes what fits, like a kernel that does not know yet.
        let count = min(bytes.count, latency.capacityBytes - inFlightBytes)
        guard count > 0 else { return 0 }
        inFlightBytes += count
        guard !isCut else { return count }
        let taken = Array(bytes[..<count])
        arrivalsDown = max(arrivalsDown, world.now.advanced(by: world.milliseconds(latency.down)))
        world.schedule(after: world.now.duration(to: arrivalsDown)) { [weak self] in
            self?.arrived(taken)
        }
        return count
    }

    private func arrived(_ bytes: [UInt8]) {
        guard !isCut else { return }
        let wasIdle = unread.isEmpty
        unread.append(contentsOf: bytes)
        switch pace {
        case .atOnce: read(unread.count)
        case .bytes: if wasIdle { readOn() }
        case .never: break
        }
    }

    private func readOn() {
        guard case .bytes(let count) = pace, !isCut, !unread.isEmpty else { return }
        world.schedule(after: .milliseconds(10)) { [weak self] in
            guard let self, !isCut else { return }
            read(min(count, unread.count))
            readOn()
        }
    }

    /// The client changes how it reads.
    package func read(at newPace: Pace) {
        pace = newPace
        switch pace {
        case .atOnce: read(unread.count)
        case .bytes: readOn()
        case .never: break
        }
    }

    private func read(_ count: Int) {
        let bytes = Array(unread.prefix(count))
        unread.removeFirst(count)
        inFlightBytes -= count
        decode(bytes)
        if isBlocked {
            isBlocked = false
            loop.enter { [self] in if let slot { loop.writable(self, slot) } }
        }
    }

    private func decode(_ bytes: [UInt8]) {
        var offset = 0
        do {
            while let event = try decoder.next(
                in: bytes.span.bytes, from: &offset, inflater: inflater)
            {
                switch event {
                case .message(let kind, let payload):
                    world.trace("< \(String(decoding: payload, as: UTF8.self))", of: self)
                    if !isCut { onEvent(.message(kind, payload)) }
                case .ping, .pong, .close: break
                }
            }
        } catch {
            world.violated("the server wrote a frame that cannot be read: \(error)")
        }
    }

    func serverCloses(_ reason: CloseReason) {
        arrivalsDown = max(arrivalsDown, world.now.advanced(by: world.milliseconds(latency.down)))
        world.schedule(after: world.now.duration(to: arrivalsDown)) { [self] in
            guard !isCut else { return }
            read(unread.count)
            silence()
            onEvent(.ended(reason))
        }
    }

    func serverDied() {
        world.schedule(after: world.milliseconds(1...50)) { [self] in
            guard !isCut else { return }
            silence()
            onEvent(.ended(nil))
        }
    }
}
