package import Basics
import JSON
package import Phoenix
package import PubSub
import Resume
package import RoomContract
import WebSocket

/// The part of a loop where connections are: what clients say goes to the homes of their topics,
/// what homes say goes to everybody here who should hear it.
///
/// It writes frames into bounded outboxes; the gateway sends each connection's bytes once, at the
/// end of the turn. A delivery is ``spread(_:in:cause:)`` or ``deliver(_:in:)``, then
/// ``Walk/visit(_:_:_:_:)`` for each subscriber, then ``flush(_:)``.
///
/// Confined to one loop.
package final class Edge {
    let loop: Int
    let loops: Int
    let catalog: RoomCatalog
    let storage: HubStorage
    let clock: any Clock
    let log: Log
    let post: (Int, HomeMail) -> Void
    /// Checks an access token that comes inside a message.
    let verify: (String) -> Result<Identity, Refusal>
    /// Asks the gateway to end a connection; it answers with ``closed(_:onPurpose:)``.
    let end: (UInt32, CloseReason) -> Void

    var connections: ContiguousArray<EdgeConnection?> = []
    var table = TopicTable()
    /// Beside the table, by topic index.
    var localTopics: ContiguousArray<LocalTopic?> = []
    /// Topics with broadcasts that were not walked to the end yet, in order of arrival.
    var walks: [TopicIndex] = []
    var catchUps: [ChannelID: ChannelCatchUp] = [:]
    /// Reads of the log under way, and who waits for each.
    var reads: [ReadKey: [ChannelID]] = [:]
    var outboxes: OutboxTable
    /// Slots of connections that are owed a page or a presence state once they have room.
    var waitingForRoom: Set<UInt32> = []
    var nextSerial: UInt64 = 0
    var random: Seeded
    var now: Instant { clock.now }
    var wallClock: Timestamp { clock.wallClock }
    package internal(set) var counters = EdgeCounters()
    /// Deliveries of one turn: at some 5 µs each in the kernel 2,048 hold a loop for 10 ms, which
    /// is what a ping or a small room may have to wait for a large one. Simulations set less, so
    /// that walks of small rooms last several turns too.
    package var deliveriesPerTurn = 2_048
    let decoder: EnvelopeDecoder
    let deflater = Deflater()

    package init(
        loop: Int, loops: Int, catalog: RoomCatalog, storage: HubStorage, budget: OutboxBudget,
        clock: any Clock, seed: UInt64, log: Log, post: @escaping (Int, HomeMail) -> Void,
        verify: @escaping (String) -> Result<Identity, Refusal>,
        end: @escaping (UInt32, CloseReason) -> Void
    ) {
        self.loop = loop
        self.loops = loops
        self.catalog = catalog
        self.storage = storage
        self.clock = clock
        self.log = log
        self.post = post
        self.verify = verify
        self.end = end
        outboxes = OutboxTable(budget: budget)
        random = Seeded(seed: seed)
        decoder = EnvelopeDecoder(parser: JSONParser(maximumBytes: Limits.messageBytes))
    }

    // MARK: Connections

    /// A socket finished its handshake. Slots are the gateway's and are used again after
    /// ``closed(_:onPurpose:)``.
    package func opened(
        _ slot: UInt32, identity: Identity, version: WireVersion, compresses: Bool
    ) {
        while connections.count <= Int(slot) { connections.append(nil) }
        precondition(connections[Int(slot)] == nil, "slot \(slot) is in use")
        outboxes.open(slot)
        connections[Int(slot)] = EdgeConnection(
            slot: slot, version: version, compresses: compresses, identity: identity, now: now)
        counters.connections += 1
    }

    /// A socket is gone. `onPurpose`: the client closed with 1000; otherwise it may come back,
    /// and keeps its place in presence for the grace.
    package func closed(_ slot: UInt32, onPurpose: Bool) {
        guard let connection = self[slot] else { return }
        for channel in connection.channels {
            end(channel, of: connection)
            let member = memberID(connection, channel)
            post(
                home(of: channel.topic),
                onPurpose
                    ? .leave(topic: channel.topic, member) : .lost(topic: channel.topic, member))
        }
        outboxes.close(slot)
        waitingForRoom.remove(slot)
        connections[Int(slot)] = nil
        counters.connections -= 1
    }

    subscript(slot: UInt32) -> EdgeConnection? {
        Int(slot) < connections.count ? connections[Int(slot)] : nil
    }

    func home(of topic: TopicName) -> Int {
        topic.home(among: loops)
    }

    func memberID(_ connection: EdgeConnection, _ channel: Channel) -> MemberID {
        MemberID(loop: UInt16(loop), slot: connection.slot, serial: channel.serial)
    }

    // MARK: Mail

    /// Takes mail of a home, in the order it was sent.
    package func receive(_ mail: EdgeMail) {
        switch mail {
        case .admitted(let member, let welcome): admitted(member, welcome)
        case .refused(let member, let refusal): refused(member, refusal)
        case .answer(let member, let tag, let answer): deliver(answer, tag, to: member)
        case .deliver(let topic, let entries): deliver(entries, in: topic)
        case .event(let topic, let event, let cause): spread(event, in: topic, cause: cause)
        case .push(let members, let event): push(event, to: members)
        case .removed(let members, let refusal):
            for member in members { removed(member, refusal) }
        }
    }

    // MARK: Turns and time

    /// Goes on with walks that are not finished.
    func turnEnded() {
        walkOn()
    }

    /// True while walks are not finished or somebody has something to send.
    var hasWork: Bool { !walks.isEmpty || outboxes.isDirty }

    /// To be called about every second.
    package func tickSlowly() {
        for case let connection? in connections {
            if outboxes.takeProgress(of: connection.slot) { connection.lastProgress = now }
            if connection.identity.expiresAt <= wallClock {
                close(connection, .tokenExpired)
            } else if connection.lastHeard.advanced(by: Limits.silent) < now {
                close(connection, .silent)
            } else if connection.lastProgress.advanced(by: Limits.slowReader) < now {
                close(connection, .slowReader)
            }
        }
        retryCatchUps()
        // A flush usually says that there is room; where nothing was left to flush, time does.
        for slot in waitingForRoom {
            if let connection = self[slot], outboxes.waitingBytes(of: slot) <= Self.lowWater {
                drained(connection)
            }
        }
    }

    func close(_ connection: EdgeConnection, _ reason: CloseReason) {
        guard !connection.isClosing else { return }
        connection.isClosing = true
        countClose(reason)
        end(connection.slot, reason)
    }

    /// Bytes that wait for readers, of all connections.
    package var queuedBytes: Int { outboxes.queuedBytes }

    /// Counts a connection that the server ends.
    package func countClose(_ reason: CloseReason) {
        counters.closes[reason, default: 0] += 1
    }

    // MARK: Sending

    /// Hands all that waits for each connection with something new to `send`, which gets its slot
    /// and the bytes, returns how many the kernel took, and must not call the edge.
    ///
    /// Returns whose turn it is to be looked at: something still waits for them, or their close
    /// frame was queued.
    package func flush(_ send: (UInt32, RawSpan) -> Int) -> [UInt32] {
        // Nobody waits for room, as a rule.
        guard waitingForRoom.isEmpty else {
            return outboxes.takeDirty().filter { slot in
                flush(slot) { send(slot, $0) } || self[slot]?.isClosing ?? false
            }
        }
        let flushed = outboxes.flushDirty(send)
        counters.bytesOut += flushed.takenBytes
        return flushed.unsettled
    }

    /// Hands all that waits for one connection to `send`. Returns true when something still waits.
    package func flush(_ slot: UInt32, _ send: (RawSpan) -> Int) -> Bool {
        guard let connection = self[slot] else { return false }
        let hadNothing = outboxes.waitingBytes(of: slot) == 0
        let taken = outboxes.flush(slot, send)
        counters.bytesOut += taken
        if hadNothing || taken > 0 && outboxes.waitingBytes(of: slot) <= Self.lowWater {
            drained(connection)
        }
        return outboxes.waitingBytes(of: slot) > 0
    }

    /// Below this many waiting bytes a slow reader gets the next page of what it missed: 64 KiB
    /// keep a connection of 10 Mbit/s busy for 50 ms, longer than a page takes to read.
    static let lowWater = 64 << 10

    /// Queues the answer to the handshake, before any frame; false when there is no room for it.
    package func greet(_ slot: UInt32, _ response: [UInt8]) -> Bool {
        outboxes.append(response, .reply, to: slot)
    }

    /// Queues a frame of the gateway's own, such as a pong; dropped when there is no room, which
    /// only a reader that is about to be closed anyway comes to. After the last one, the close
    /// frame, nothing more is queued (RFC 6455 §5.5.1).
    package func enqueue(_ frame: [UInt8], to slot: UInt32, isLast: Bool) {
        guard let connection = self[slot] else { return }
        _ = append(frame, .reply, to: connection)
        if isLast {
            connection.isClosing = true
            outboxes.silence(slot)
        }
    }

    /// Notes that something was heard from the client, be it only a ping.
    package func heard(from slot: UInt32) {
        self[slot]?.lastHeard = now
    }

    func append(_ frame: [UInt8], _ kind: FrameKind, to connection: EdgeConnection) -> Bool {
        guard outboxes.append(frame, kind, to: connection.slot) else { return false }
        counters.framesOut += 1
        return true
    }
}

/// One joined channel on this loop.
struct ChannelID: Hashable {
    let slot: UInt32
    let serial: UInt64
}

/// What an edge counts, for the metrics.
package struct EdgeCounters: Sendable {
    package init() {}

    package var connections = 0
    package var messagesIn = 0
    package var malformed = 0
    package var rateLimited = 0
    package var framesOut = 0
    package var bytesOut = 0
    package var deliveries = 0
    /// Ephemeral events that found no room in an outbox.
    package var droppedEvents = 0
    /// Channels of slow readers turned to paging.
    package var rewinds = 0
    package var closes: [CloseReason: Int] = [:]
}
