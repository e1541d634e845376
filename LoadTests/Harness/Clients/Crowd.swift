import EventLoop
import JSON
import Phoenix

/// What a crowd tells, on its loop.
protocol CrowdOwner: AnyObject {
    /// The server let `client` into its topic number `topic`, counted from 0.
    func clientJoined(_ client: Client, topic: Int, response: JSONValue)

    /// Everybody has joined, was refused, or has gone; once.
    func crowdIsReady()

    /// Any text that is not the answer to a join.
    func clientReceived(_ client: Client, _ text: [UInt8], at now: Int64)

    /// All its joins are answered, at its arrival or a return; its stage tells how.
    func clientSettled(_ client: Client)

    /// Its connection ended, or could not be made. Not said of those who are cut.
    func clientLeft(_ client: Client)
}

// Who stays where it is needs neither.
extension CrowdOwner {
    func clientSettled(_ client: Client) {}
    func clientLeft(_ client: Client) {}
}

/// Clients that speak Phoenix Channels: each joins its topics once it is connected, and sends
/// heartbeats when it has been silent.
final class Crowd {
    /// The protocol expects one every 30 s and closes after 60 s of silence.
    private static let heartbeatNanoseconds: Int64 = 25_000_000_000
    private static let heartbeatRef: Ref = "heartbeat"

    /// From this code on the same request may succeed later (`Protocol/errors.json`).
    static let firstTemporaryCode: Int64 = 2_000

    let fleet: Fleet
    let encoder = ClientEncoder(version: .v2)
    weak var owner: (any CrowdOwner)?

    /// Clients that are connected and were let in everywhere they asked.
    private(set) var joinedCount = 0
    private(set) var joinLatency = Histogram()
    /// What the server said to joins it refused, with how often.
    private(set) var refusals: [String: Int] = [:]
    /// Joins that were put off by the server and sent again when it said.
    private(set) var joinRetries = 0

    private let loop: EventLoop
    private let parser = JSONParser()
    private let decoder: ClientDecoder
    private let topics: ((Int) -> [String])?
    private let joinPayload: (Client, Int) -> [UInt8]
    private var settled = 0
    private var isReady = false
    private var deadline: LoopTimer?
    private var heartbeats: LoopTimer?

    /// `topics` gives each client, by its index, what it joins: at least one. Without it the peer
    /// speaks no Phoenix: who is connected counts as joined, and nobody sends heartbeats.
    /// `joinPayload` is asked at every join, with the number of the topic: it may hold a position.
    init(
        loop: EventLoop, fleet: Fleet, topics: ((Int) -> [String])?,
        joinPayload: @escaping (Client, Int) -> [UInt8]
    ) {
        self.loop = loop
        self.fleet = fleet
        self.joinPayload = joinPayload
        self.topics = topics
        decoder = ClientDecoder(parser: parser)
        fleet.owner = self
    }

    /// Connects and joins everybody; who is not there after `timeout` is not waited for.
    func assemble(within timeout: Duration) {
        deadline = loop.schedule(after: timeout) { self.becomeReady() }
        open(fleet.clients.count)
    }

    /// Lets the first `count` in, without a deadline and without hurry.
    func open(_ count: Int) {
        if topics != nil, heartbeats == nil {
            heartbeats = loop.schedule(after: .seconds(1), repeating: .seconds(1)) {
                [weak self] in self?.sendHeartbeats()
            }
        }
        fleet.admit(count)
    }

    /// Ends a connection as a lost network does.
    func cut(_ client: Client) {
        guard !client.hasEnded else { return }
        fleet.cut(client)
        leave(client)
    }

    /// Ends a connection as a page that is closed does, with a close frame of code 1000.
    func leavePolitely(_ client: Client) {
        guard !client.hasEnded else { return }
        fleet.closePolitely(client)
        leave(client)
    }

    /// Connects and joins again.
    func comeBack(_ client: Client) {
        fleet.reconnect(client)
    }

    /// Begins the figures of arrivals anew.
    func forgetLatencies() {
        joinLatency = Histogram()
        fleet.forgetLatencies()
    }

    /// `connected 812 of 1,000, joined 640`
    var progress: String {
        "connected \(fleet.openCount) of \(fleet.clients.count), joined \(joinedCount)"
    }

    /// The ref of a client's join of its topic number `topic`.
    func joinRef(_ topic: Int) -> Ref { .text("\(topic + 1)") }

    /// What the server says, taken apart; nil for what is no envelope, which is counted as a
    /// refusal so that it shows.
    func decode(_ text: [UInt8]) -> ServerEnvelope? {
        do throws(EnvelopeError) {
            return try decoder.decode(text: text, version: .v2)
        } catch {
            refusals["unreadable: \(error)", default: 0] += 1
            return nil
        }
    }

    /// The response of a reply; null for what is no JSON, counted as above.
    func parse(_ response: [UInt8]) -> JSONValue {
        do throws(JSONError) {
            return try parser.value(of: response)
        } catch {
            refusals["unreadable: \(error)", default: 0] += 1
            return .null
        }
    }

    private func becomeReady() {
        guard !isReady else { return }
        isReady = true
        deadline?.cancel()
        owner?.crowdIsReady()
    }

    /// All its joins are answered.
    private func settle(_ client: Client) {
        client.stage = client.refusedJoins == 0 ? .joined : .refused
        if client.stage == .joined { joinedCount += 1 }
        owner?.clientSettled(client)
        countSettled(client)
    }

    private func countSettled(_ client: Client) {
        guard !client.isCounted else { return }
        client.isCounted = true
        settled += 1
        if settled == fleet.clients.count { becomeReady() }
    }

    /// Joined no more, or never.
    private func leave(_ client: Client) {
        // A failed attempt to come back is part of the same absence.
        if client.stage == .joined {
            joinedCount -= 1
            client.leftAt = MonotonicClock.nanoseconds
        }
        client.stage = .refused
    }

    private func sendHeartbeats() {
        let now = MonotonicClock.nanoseconds
        for client in fleet.clients
        where client.isOpen && now - client.spokeAt > Crowd.heartbeatNanoseconds {
            var text: [UInt8] = []
            encoder.heartbeat(ref: Crowd.heartbeatRef, into: &text)
            fleet.send(text, from: client)
        }
    }
}

extension Crowd: FleetOwner {
    func clientOpened(_ client: Client) {
        guard let names = topics?(client.index) else { return settle(client) }
        client.unansweredJoins = names.count
        var frames: [UInt8] = []
        for topic in names.indices {
            fleet.append(join(names[topic], client, topic), to: &frames)
        }
        client.startedAt = MonotonicClock.nanoseconds
        fleet.write(frames, from: client)
    }

    func clientReceived(_ client: Client, _ text: [UInt8], at now: Int64) {
        guard client.unansweredJoins > 0, let envelope = decode(text),
            case .reply(let status, let response) = envelope.payload,
            case .text(let ref)? = envelope.joinRef ?? envelope.ref, envelope.ref == .text(ref),
            let number = Int(ref)
        else {
            owner?.clientReceived(client, text, at: now)
            return
        }
        joinAnswered(client, topic: number - 1, status, response, at: now)
    }

    func clientEnded(_ client: Client, reason: String) {
        leave(client)
        countSettled(client)
        owner?.clientLeft(client)
    }

    private func join(_ name: String, _ client: Client, _ topic: Int) -> [UInt8] {
        var text: [UInt8] = []
        encoder.join(name, joinPayload(client, topic), ref: joinRef(topic), into: &text)
        return text
    }

    private func joinAnswered(
        _ client: Client, topic: Int, _ status: ReplyStatus, _ response: [UInt8], at now: Int64
    ) {
        let value = parse(response)
        if status == .error, let code = value["code"]?.integer, code >= Crowd.firstTemporaryCode {
            joinAgain(client, topic, after: value["retry_after_ms"]?.integer ?? 500)
            return
        }
        client.unansweredJoins -= 1
        switch status {
        case .ok:
            joinLatency.record(now - client.startedAt)
            owner?.clientJoined(client, topic: topic, response: value)
        case .error:
            client.refusedJoins += 1
            refusals[value["reason"]?.string ?? "refused", default: 0] += 1
        }
        if client.unansweredJoins == 0 { settle(client) }
    }

    private func joinAgain(_ client: Client, _ topic: Int, after milliseconds: Int64) {
        joinRetries += 1
        let socket = client.socket
        loop.schedule(after: .milliseconds(max(1, milliseconds))) { [weak self] in
            guard let self, client.isOpen, client.socket == socket,
                let name = topics?(client.index)[topic]
            else { return }
            fleet.send(join(name, client, topic), from: client)
        }
    }
}
