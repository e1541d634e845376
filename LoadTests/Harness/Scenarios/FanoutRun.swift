import Basics
import EventLoop
import JSON
import Phoenix
import WebSocket

/// One run of ``FanoutScenario``.
///
///     joining ──everybody is in──▶ settling ──▶ publishing ──last beat──▶ draining ──▶ over
final class FanoutRun {
    private enum Phase: String {
        case joining, settling, publishing, draining, over
    }

    /// What to ask for when joining: nobody hears itself, no presence.
    private static let joinPayload = Array(
        (#"{"config":{"broadcast":{"ack":false,"self":false},"#
            + #""presence":{"key":"","enabled":false},"postgres_changes":[],"private":false}}"#)
            .utf8)

    private let scenario: FanoutScenario
    private let loop: EventLoop
    private let crowd: Crowd
    private let template: BroadcastTemplate
    private let progress = Progress()
    private var phase = Phase.joining

    private let beforeConnecting: ProcessProbe.Sample?
    private var whenJoined: ProcessProbe.Sample?
    private var window: UsageWindow?
    private var usage: UsageWindow.Usage?
    private var openLoop: OpenLoop?
    private var drainTimer: LoopTimer?
    private var bytesAtStart = 0

    private var latency = Histogram()
    /// By subscriber and publisher.
    private var ledgers: [SequenceLedger]
    private var published: [Int64]
    private var finder = MarkFinder()
    /// By client, for the one peer whose messages are cut anywhere.
    private var streams: [NATSStream]
    private var deliveries = 0
    /// To publishers, who have joined too: work for the server, but nobody's ledger.
    private var bystanderDeliveries = 0
    private var complaints: [String: Int] = [:]

    init(_ scenario: FanoutScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        beforeConnecting = scenario.common.server?.sample()
        template = BroadcastTemplate(payloadBytes: scenario.payloadBytes)
        ledgers = Array(
            repeating: SequenceLedger(first: 0), count: scenario.subscribers * scenario.publishers)
        published = Array(repeating: 0, count: scenario.publishers)
        let fleet = Fleet(loop: loop, count: scenario.connections, common: scenario.common) {
            scenario.peer.path(isPublisher: $0 >= scenario.subscribers)
        }
        streams =
            scenario.peer.speaksNATS
            ? Array(repeating: NATSStream(), count: scenario.connections) : []
        let topics = { (_: Int) in [scenario.topic] }
        crowd = Crowd(
            loop: loop, fleet: fleet, topics: scenario.peer == .rollcall ? topics : nil
        ) { _, _ in FanoutRun.joinPayload }
        crowd.owner = self
    }

    func start() {
        progress.start(on: loop) { [unowned self] in line }
        crowd.assemble(within: scenario.common.readyTimeout)
    }

    private var line: String {
        let share = usage ?? window?.usage()
        let busy = share.map { ", generator \(($0.generatorShare * 100).short) %" } ?? ""
        return "fanout \(phase.rawValue): \(crowd.progress), sent \(published.reduce(0, +)), "
            + "delivered \(deliveries), p99 \(latency.percentile(99).inMs.short) ms\(busy)"
    }
}

// Publishing.
extension FanoutRun {
    private var publisherIndices: Range<Int> {
        scenario.subscribers..<scenario.connections
    }

    private var beatNanoseconds: Int64 {
        1_000_000_000 * Int64(scenario.burst) / Int64(scenario.rate)
    }

    private func beginPublishing() {
        phase = .publishing
        whenJoined = scenario.common.server?.sample()
        bytesAtStart = crowd.fleet.bytesReceived
        window = UsageWindow(server: scenario.common.server)
        guard scenario.ownPublishers > 0 else { return listen() }
        openLoop = OpenLoop(
            loop: loop, interval: beatNanoseconds, beats: scenario.beats,
            onBeat: { [unowned self] in publish(at: $0) },
            onEnd: { [unowned self] in beginDraining() })
    }

    /// Another process publishes; what it has to send is known.
    private func listen() {
        published = (0..<scenario.publishers).map { scenario.messages(of: $0) }
        loop.schedule(after: .seconds(scenario.seconds)) { [unowned self] in beginDraining() }
    }

    /// One burst, from the publisher whose turn it is, in one write.
    private func publish(at due: Int64) {
        let publisher = (openLoop?.beatsDone ?? 0) % scenario.publishers
        let client = crowd.fleet.clients[publisherIndices.lowerBound + publisher]
        guard client.isOpen else { return }
        var frames: [UInt8] = []
        for _ in 0..<scenario.burst {
            let mark = Mark(
                stream: publisher, number: published[publisher], dueNanoseconds: due)
            var text: [UInt8] = []
            // A peer relays what it gets, so it is given what a subscriber shall see.
            crowd.encoder.push(
                ControlEvent.broadcast, template.payload(mark), ref: nil,
                joinRef: scenario.peer == .rollcall ? crowd.joinRef(0) : nil, topic: scenario.topic,
                into: &text)
            crowd.fleet.append(scenario.peer.publication(of: text), as: opcode, to: &frames)
            published[publisher] += 1
        }
        crowd.fleet.write(frames, from: client)
    }

    private var opcode: Opcode { scenario.peer.speaksNATS ? .binary : .text }

    private func say(_ bytes: [UInt8], from client: Client) {
        var frames: [UInt8] = []
        crowd.fleet.append(bytes, as: opcode, to: &frames)
        crowd.fleet.write(frames, from: client)
    }

    private func beginDraining() {
        phase = .draining
        let deadline = MonotonicClock.nanoseconds + scenario.common.drain.inNanoseconds
        drainTimer = loop.schedule(after: .milliseconds(10), repeating: .milliseconds(10)) {
            [unowned self] in
            if deliveries >= expectedDeliveries || MonotonicClock.nanoseconds > deadline {
                finish()
            }
        }
    }

    private var expectedDeliveries: Int {
        Int(published.reduce(0, +)) * scenario.subscribers
    }

    private func finish() {
        guard phase != .over else { return }
        phase = .over
        usage = window?.usage()
        drainTimer?.cancel()
        openLoop?.stop()
        progress.finish()
        crowd.fleet.sayGoodbye()
        loop.stop()
    }
}

extension FanoutRun: CrowdOwner {
    func clientJoined(_ client: Client, topic: Int, response: JSONValue) {}

    func crowdIsReady() {
        guard crowd.joinedCount > 0 else {
            finish()
            return
        }
        phase = .settling
        scenario.common.whenAllAreReady(on: loop) { [unowned self] in beginPublishing() }
    }

    func clientSettled(_ client: Client) {
        let greeting = scenario.peer.greeting(isPublisher: client.index >= scenario.subscribers)
        if !greeting.isEmpty { say(greeting, from: client) }
    }

    func clientReceived(_ client: Client, _ text: [UInt8], at now: Int64) {
        guard scenario.peer.speaksNATS else { return delivered(client, text, at: now) }
        for event in streams[client.index].feed(text) {
            switch event {
            case .message(let envelope): delivered(client, envelope, at: now)
            case .ping: say(Array("PONG\r\n".utf8), from: client)
            case .refusal(let reason): complaints[reason, default: 0] += 1
            }
        }
    }

    /// Cost: no parsing and no allocation for a delivery.
    private func delivered(_ client: Client, _ text: [UInt8], at now: Int64) {
        guard let mark = finder.find(in: text.span), mark.stream < scenario.publishers else {
            complain(text)
            return
        }
        guard client.index < scenario.subscribers else {
            bystanderDeliveries += 1
            return
        }
        deliveries += 1
        latency.record(now - mark.dueNanoseconds)
        ledgers[client.index * scenario.publishers + mark.stream].receive(mark.number)
    }

    /// A reply that is an error: the server refused something of ours.
    private func complain(_ text: [UInt8]) {
        // nchan tells publishers how many it reached.
        guard scenario.peer == .rollcall, let envelope = crowd.decode(text),
            case .reply(.error, let response) = envelope.payload
        else { return }
        complaints[String(decoding: response.prefix(200), as: UTF8.self), default: 0] += 1
    }
}

// The report.
extension FanoutRun {
    func fill(_ report: inout Report) {
        let sent = Int(published.reduce(0, +))
        var totals = LedgerTotals()
        for (index, ledger) in ledgers.enumerated() {
            totals.add(ledger, through: published[index % scenario.publishers] - 1)
        }
        report.metrics += [
            Metric("joined", "connections joined", crowd.joinedCount),
            Metric(
                "connect_p99_ms", "connect p99", crowd.fleet.openLatency.percentile(99).inMs, "ms"),
        ]
        if !crowd.joinLatency.isEmpty {
            report.metrics.append(
                Metric("join_p99_ms", "join p99", crowd.joinLatency.percentile(99).inMs, "ms"))
        }
        report.metrics += [
            Metric("published", "messages sent", scenario.ownPublishers > 0 ? sent : 0),
            Metric("deliveries", "deliveries", deliveries),
        ]
        report.add(totals)
        report.addLatency("latency", "latency", latency)
        let lateness = openLoop?.lateness ?? Histogram()
        report.metrics.append(
            Metric("lateness_p99_ms", "generator late p99", lateness.percentile(99).inMs, "ms"))
        let cpu = addUsage(to: &report)
        report.flaws += Validity.flaws(of: crowd)
        report.flaws += complaints.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        report.flaws += Validity.flaws(
            published: sent, intended: scenario.beats * scenario.burst, lateness: lateness,
            mostLatenessMs: scenario.common.mostLatenessMs,
            generatorShare: usage?.generatorShare ?? 0)
        if deliveries > expectedDeliveries {
            report.flaws.append("more was delivered than sent")
        }
        report.judge(scenario.common, latency: "latency", ledger: totals, cpuPerMillion: cpu)
    }

    /// Returns the server's CPU seconds for a million deliveries, when they are known.
    private func addUsage(to report: inout Report) -> Double? {
        guard let usage else { return nil }
        report.metrics += [
            Metric(
                "deliveries_per_second", "deliveries a second",
                Double(deliveries) / usage.seconds, "1/s", combining: .sum),
            Metric(
                "bytes_per_delivery", "bytes per delivery",
                Double(crowd.fleet.bytesReceived - bytesAtStart)
                    / Double(max(1, deliveries + bystanderDeliveries)), "B",
                combining: .per("deliveries")),
        ]
        if let beforeConnecting, let whenJoined {
            report.addConnectionCosts(
                before: beforeConnecting, after: whenJoined, connections: crowd.joinedCount)
        }
        report.add(usage)
        guard let cpu = usage.serverCPUSeconds, deliveries > 0 else { return nil }
        let perMillion = cpu / Double(deliveries + bystanderDeliveries) * 1e6
        report.metrics.append(
            Metric(
                "cpu_s_per_million", "CPU per million deliveries", perMillion, "s",
                combining: .per("deliveries")))
        return perMillion
    }
}
