import Basics
import EventLoop
import JSON
import Phoenix

/// What people in open rooms tell, on their loop.
protocol OpenRoomsOwner: AnyObject {
    /// Everybody has joined, was refused, or has gone; once, after ``Crowd/assemble(within:)``.
    func roomsAreReady()
}

/// Equal rooms on open topics: in each the first member talks and everybody listens, the
/// talker too.
final class OpenRooms {
    /// Everybody hears itself, so that all of a room hold the same ledger; no presence.
    static let joinPayload = Array(
        (#"{"config":{"broadcast":{"ack":false,"self":true},"#
            + #""presence":{"key":"","enabled":false},"postgres_changes":[],"private":false}}"#)
            .utf8)

    /// What one connection may send a second, below the 50 of `Protocol/limits.json`, so that
    /// heartbeats and rounding have room.
    static let messagesPerRoom = 40

    let crowd: Crowd
    weak var owner: (any OpenRoomsOwner)?
    /// Of deliveries since ``beginFigures()``.
    private(set) var latency = Histogram()
    private(set) var timeline = Timeline()
    private(set) var deliveries = 0
    private(set) var complaints: [String: Int] = [:]
    /// By room.
    private(set) var published: [Int64]

    private let rooms: Int
    private let members: Int
    private let topicName: (Int) -> String
    private let template: BroadcastTemplate
    /// By client, from the first message on.
    private var ledgers: [SequenceLedger?]
    private var nextRoom = 0
    private var finder = MarkFinder()

    init(
        loop: EventLoop, rooms: Int, members: Int, payloadBytes: Int, topic: String,
        common: CommonOptions
    ) {
        self.rooms = rooms
        self.members = members
        let names = { (room: Int) in "\(topic)-\(common.roomBase + room + 1)" }
        topicName = names
        template = BroadcastTemplate(payloadBytes: payloadBytes)
        ledgers = Array(repeating: nil, count: rooms * members)
        published = Array(repeating: 0, count: rooms)
        let fleet = Fleet(loop: loop, count: rooms * members, common: common)
        crowd = Crowd(
            loop: loop, fleet: fleet, topics: { [names($0 / members)] },
            joinPayload: { _, _ in OpenRooms.joinPayload })
        crowd.owner = self
    }

    var publishedCount: Int { Int(published.reduce(0, +)) }

    /// Starts the latencies anew, for a comparison of two times.
    func beginFigures() {
        latency = Histogram()
    }

    /// One message to the next room whose talker is there; nothing when nobody is.
    func publishNext(due: Int64) {
        let turns = (0..<rooms).lazy.map { (self.nextRoom + $0) % self.rooms }
        guard let room = turns.first(where: { self.talker(of: $0).stage == .joined }) else {
            return
        }
        nextRoom = (room + 1) % rooms
        let mark = Mark(stream: room, number: published[room], dueNanoseconds: due)
        var text: [UInt8] = []
        crowd.encoder.push(
            ControlEvent.broadcast, template.payload(mark), ref: nil, joinRef: crowd.joinRef(0),
            topic: topicName(room), into: &text)
        crowd.fleet.send(text, from: talker(of: room))
        published[room] += 1
    }

    /// Everybody, held to what was published since the first message that came; those who joined
    /// before all messages, to all of them.
    var totals: LedgerTotals {
        var totals = LedgerTotals()
        for (client, ledger) in ledgers.enumerated() {
            if let ledger { totals.add(ledger, through: published[client / members] - 1) }
        }
        return totals
    }

    var isQuiet: Bool {
        ledgers.enumerated().allSatisfy { client, ledger in
            guard let ledger else { return true }
            return ledger.last >= published[client / members] - 1
        }
    }

    private func talker(of room: Int) -> Client { crowd.fleet.clients[room * members] }
}

extension OpenRooms: CrowdOwner {
    func clientJoined(_ client: Client, topic: Int, response: JSONValue) {
        if published[client.index / members] == 0 {
            ledgers[client.index] = SequenceLedger(first: 0)
        }
    }

    func crowdIsReady() {
        owner?.roomsAreReady()
    }

    /// Cost: no parsing and no allocation for a delivery.
    func clientReceived(_ client: Client, _ text: [UInt8], at now: Int64) {
        guard let mark = finder.find(in: text.span), mark.stream == client.index / members else {
            complain(text)
            return
        }
        deliveries += 1
        latency.record(now - mark.dueNanoseconds)
        timeline.record(now - mark.dueNanoseconds, at: now)
        if ledgers[client.index] == nil {
            ledgers[client.index] = SequenceLedger(first: mark.number)
        }
        ledgers[client.index]?.receive(mark.number)
    }

    /// A reply that is an error: the server refused something of ours.
    private func complain(_ text: [UInt8]) {
        guard EventName.find(in: text.span) == "phx_reply", let envelope = crowd.decode(text),
            case .reply(.error, let response) = envelope.payload
        else { return }
        complaints[String(decoding: response.prefix(200), as: UTF8.self), default: 0] += 1
    }
}

// The figures all scenarios with open rooms share.
extension OpenRooms {
    /// `wanted` as in ``Validity``.
    func fill(_ report: inout Report, usage: UsageWindow.Usage?, wanted: Int? = nil) {
        report.metrics += [
            Metric("joined", "connections joined", crowd.joinedCount),
            Metric("published", "messages sent", publishedCount),
            Metric("deliveries", "deliveries", deliveries),
        ]
        report.add(totals)
        report.addLatency("connect", "connect", crowd.fleet.openLatency)
        report.addLatency("join", "join", crowd.joinLatency)
        report.add(timeline)
        if let usage {
            report.metrics.append(
                Metric(
                    "deliveries_per_second", "deliveries a second",
                    Double(deliveries) / usage.seconds, "1/s", combining: .sum))
            report.add(usage)
        }
        report.flaws += Validity.flaws(of: crowd, wanted: wanted)
        report.flaws += complaints.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
    }
}
