import Basics
import EventLoop
import JSON
import Phoenix

/// People who are there and say nothing: what a connection costs in memory, and how fast they
/// come in.
struct IdleScenario: Scenario {
    static let name = "idle"
    static let summary = "people who say nothing: memory per connection, time to join"
    static let discussion = """
        Everybody connects and joins one of --topics open topics; with --presence they also say
        that they are there, and hear of each other. Then nothing happens for --seconds but
        heartbeats. The figures are the server's memory before, with all joined, and after the
        quiet time, and how long it took until the last one was in.

        With --presence the state a newcomer gets grows with its topic: 5,000 people in one topic
        are 25 million entries. Spread them with --topics.
        """
    static let options = [
        Option("--connections", "N", default: "5000", "people, one connection each"),
        Option("--topics", "N", default: "1", "topics they spread over, each in one"),
        Option("--topic", "NAME", default: "realtime:load", "their names, before -1, -2 …"),
        Option("--presence", nil, "track everybody"),
        Option("--seconds", "N", default: "5", "the quiet time"),
    ]
    static let examples = [
        "rollcall-load idle --secret-file .rollcall/jwt-secret --server-pid 4711",
        "rollcall-load idle --connections 5000 --topics 100 --presence --server-pid 4711",
    ]

    let common: CommonOptions
    let connections: Int
    let topics: Int
    let topic: String
    let isPresent: Bool
    let seconds: Int

    init(_ options: Options, _ common: CommonOptions) throws(UsageError) {
        connections = try common.share.part(
            of: try options.integer("--connections", in: 1...1_000_000), "--connections")
        var common = common
        common.personBase = common.share.index * connections
        self.common = common
        topics = try options.integer("--topics", in: 1...1_000_000)
        topic = options.text("--topic") ?? ""
        isPresent = options.isGiven("--presence")
        seconds = try options.integer("--seconds", in: 1...86_400)
    }

    var parameters: [(name: String, value: String)] {
        [
            ("connections", "\(connections * common.share.count)"), ("topics", "\(topics)"),
            ("presence", isPresent ? "yes" : "no"), ("seconds", "\(seconds)"),
        ]
    }

    func topic(of client: Int) -> String { "\(topic)-\((common.personBase + client) % topics + 1)" }

    func run(on loop: EventLoop, into report: inout Report) {
        let run = IdleRun(self, on: loop)
        run.start()
        loop.run()
        run.fill(&report)
    }
}

/// One run of ``IdleScenario``.
final class IdleRun {
    private static let trackPayload = Array(
        #"{"type":"presence","event":"track","payload":{"state":"here"}}"#.utf8)

    private let scenario: IdleScenario
    private let loop: EventLoop
    private let crowd: Crowd
    private let progress = Progress()
    private let started = MonotonicClock.nanoseconds
    private let beforeConnecting: ProcessProbe.Sample?
    private var whenJoined: ProcessProbe.Sample?
    private var allIn: Int64 = 0
    private var window: UsageWindow?
    private var usage: UsageWindow.Usage?
    private var messagesReceived = 0

    init(_ scenario: IdleScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        beforeConnecting = scenario.common.server?.sample()
        let fleet = Fleet(loop: loop, count: scenario.connections, common: scenario.common)
        let payload = IdleRun.joinPayload(scenario.isPresent)
        crowd = Crowd(
            loop: loop, fleet: fleet, topics: { [scenario.topic(of: $0)] },
            joinPayload: { _, _ in payload })
        crowd.owner = self
    }

    func start() {
        progress.start(on: loop) { [unowned self] in
            "idle: \(crowd.progress), \(messagesReceived) messages came"
        }
        crowd.assemble(within: scenario.common.readyTimeout)
    }

    /// Without a key of its own everybody is present under a fresh one.
    private static func joinPayload(_ isPresent: Bool) -> [UInt8] {
        Array(
            (#"{"config":{"broadcast":{"ack":false,"self":false},"#
                + #""presence":{"key":"","enabled":\#(isPresent)},"#
                + #""postgres_changes":[],"private":false}}"#).utf8)
    }

    private func finish() {
        usage = window?.usage()
        progress.finish()
        crowd.fleet.sayGoodbye()
        loop.stop()
    }
}

extension IdleRun: CrowdOwner {
    func clientJoined(_ client: Client, topic: Int, response: JSONValue) {
        allIn = MonotonicClock.nanoseconds
        guard scenario.isPresent else { return }
        var text: [UInt8] = []
        crowd.encoder.push(
            "presence", IdleRun.trackPayload, ref: "track", joinRef: crowd.joinRef(topic),
            topic: scenario.topic(of: client.index), into: &text)
        crowd.fleet.send(text, from: client)
    }

    func crowdIsReady() {
        guard crowd.joinedCount > 0 else {
            finish()
            return
        }
        scenario.common.whenAllAreReady(on: loop) { [unowned self] in
            whenJoined = scenario.common.server?.sample()
            window = UsageWindow(server: scenario.common.server)
            loop.schedule(after: .seconds(scenario.seconds)) { [unowned self] in finish() }
        }
    }

    func clientReceived(_ client: Client, _ text: [UInt8], at now: Int64) {
        messagesReceived += 1
    }
}

extension IdleRun {
    func fill(_ report: inout Report) {
        report.metrics += [
            Metric("joined", "connections joined", crowd.joinedCount),
            Metric("all_in_ms", "until all had joined", max(0, allIn - started).inMs, "ms"),
            Metric("messages_received", "messages that came", messagesReceived),
        ]
        report.addLatency("connect", "connect", crowd.fleet.openLatency)
        report.addLatency("join", "join", crowd.joinLatency)
        if let beforeConnecting, let whenJoined {
            report.addConnectionCosts(
                before: beforeConnecting, after: whenJoined, connections: crowd.joinedCount)
        }
        if let usage { report.add(usage) }
        report.flaws += Validity.flaws(of: crowd)
        if scenario.common.server == nil, scenario.common.share.index == 0 {
            report.flaws.append("memory is the figure of this scenario: name --server-pid")
        }
        report.judge(
            scenario.common, latency: "join", ledger: LedgerTotals(),
            cpuPerMillion: nil)
    }
}
