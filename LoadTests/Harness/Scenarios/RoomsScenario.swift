import Basics
import EventLoop

/// Many small rooms: what a topic costs, where a fan-out hardly matters.
struct RoomsScenario: Scenario {
    static let name = "rooms"
    static let summary = "2,000 rooms of 10: latency where a fan-out is small"
    static let discussion = """
        --rooms open topics with --members people each; one of a room talks, in turn over all
        rooms, and all of it hear, the talker too. 2,000 rooms of 10 and one room of 20,000 are
        different tests: here the server looks up topics, there it writes to sockets. The
        same number of deliveries from `fanout` is the comparison.
        """
    static let options = [
        Option("--rooms", "N", default: "1000", "open topics"),
        Option("--members", "N", default: "10", "people in each, one connection each"),
        Option("--rate", "N", default: "1000", "messages a second, over all rooms"),
        Option("--payload", "BYTES", default: "100", "of the broadcast's own payload, from 61"),
        Option("--seconds", "N", default: "10", "how long messages are sent"),
        Option("--topic", "NAME", default: "realtime:rooms", "their names, before -1, -2 …"),
    ]
    static let examples = [
        "rollcall-load rooms --secret-file .rollcall/jwt-secret --server-pid 4711",
        "rollcall-load rooms --rooms 2000 --processes 2 --max-p99 20",
    ]

    let common: CommonOptions
    let rooms: Int
    let members: Int
    let rate: Int
    let payloadBytes: Int
    let seconds: Int
    let topic: String

    init(_ options: Options, _ common: CommonOptions) throws(UsageError) {
        let share = common.share
        rooms = try share.part(of: try options.integer("--rooms", in: 1...99_999), "--rooms")
        members = try options.integer("--members", in: 1...100_000)
        rate = try share.part(of: try options.integer("--rate", in: 1...1_000_000), "--rate")
        guard rate <= rooms * OpenRooms.messagesPerRoom else {
            throw UsageError(
                "--rate: \(rate) messages a second from \(rooms) talkers; one may send "
                    + "\(OpenRooms.messagesPerRoom)")
        }
        payloadBytes = try options.integer(
            "--payload", in: BroadcastTemplate.leastPayloadBytes...250_000)
        seconds = try options.integer("--seconds", in: 1...86_400)
        topic = options.text("--topic") ?? ""
        var common = common
        common.personBase = share.index * rooms * members
        common.roomBase = share.index * rooms
        self.common = common
    }

    var connections: Int { rooms * members }

    var parameters: [(name: String, value: String)] {
        [
            ("rooms", "\(rooms * common.share.count)"), ("members", "\(members)"),
            ("rate", "\(rate * common.share.count)"), ("payload", "\(payloadBytes)"),
            ("seconds", "\(seconds)"),
        ]
    }

    func run(on loop: EventLoop, into report: inout Report) {
        let run = RoomsRun(self, on: loop)
        run.start()
        loop.run()
        run.fill(&report)
    }
}

/// One run of ``RoomsScenario``.
final class RoomsRun: OpenRoomsOwner {
    private let scenario: RoomsScenario
    private let loop: EventLoop
    private let rooms: OpenRooms
    private let progress = Progress()
    private let beforeConnecting: ProcessProbe.Sample?
    private var whenJoined: ProcessProbe.Sample?
    private var publishing: OpenLoop?
    private var window: UsageWindow?
    private var usage: UsageWindow.Usage?
    private var timer: LoopTimer?

    init(_ scenario: RoomsScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        beforeConnecting = scenario.common.server?.sample()
        rooms = OpenRooms(
            loop: loop, rooms: scenario.rooms, members: scenario.members,
            payloadBytes: scenario.payloadBytes, topic: scenario.topic, common: scenario.common)
        rooms.owner = self
    }

    func start() {
        progress.start(on: loop) { [unowned self] in
            "rooms: \(rooms.crowd.progress), sent \(rooms.publishedCount), "
                + "delivered \(rooms.deliveries), "
                + "p99 \(rooms.latency.percentile(99).inMs.short) ms"
        }
        rooms.crowd.assemble(within: scenario.common.readyTimeout)
    }

    func roomsAreReady() {
        guard rooms.crowd.joinedCount > 0 else { return finish() }
        scenario.common.whenAllAreReady(on: loop) { [unowned self] in
            whenJoined = scenario.common.server?.sample()
            window = UsageWindow(server: scenario.common.server)
            publishing = OpenLoop(
                loop: loop, interval: 1_000_000_000 / Int64(scenario.rate),
                beats: scenario.rate * scenario.seconds,
                onBeat: { [unowned self] in rooms.publishNext(due: $0) },
                onEnd: { [unowned self] in drain() })
        }
    }

    private func drain() {
        usage = window?.usage()
        let deadline = MonotonicClock.nanoseconds + scenario.common.drain.inNanoseconds
        timer = loop.schedule(after: .milliseconds(20), repeating: .milliseconds(20)) {
            [unowned self] in
            if rooms.isQuiet || MonotonicClock.nanoseconds > deadline { finish() }
        }
    }

    private func finish() {
        timer?.cancel()
        publishing?.stop()
        progress.finish()
        rooms.crowd.fleet.sayGoodbye()
        loop.stop()
    }

    func fill(_ report: inout Report) {
        let lateness = publishing?.lateness ?? Histogram()
        rooms.fill(&report, usage: usage)
        report.addLatency("latency", "latency", rooms.latency)
        if let beforeConnecting, let whenJoined {
            report.addConnectionCosts(
                before: beforeConnecting, after: whenJoined,
                connections: rooms.crowd.joinedCount)
        }
        report.flaws += Validity.flaws(
            published: rooms.publishedCount, intended: scenario.rate * scenario.seconds,
            lateness: lateness, mostLatenessMs: scenario.common.mostLatenessMs,
            generatorShare: usage?.generatorShare ?? 0)
        var cpuPerMillion: Double?
        if let cpu = usage?.serverCPUSeconds, rooms.deliveries > 0 {
            let perMillion = cpu / Double(rooms.deliveries) * 1e6
            cpuPerMillion = perMillion
            report.metrics.append(
                Metric(
                    "cpu_s_per_million", "CPU per million deliveries", perMillion, "s",
                    combining: .per("deliveries")))
        }
        report.judge(
            scenario.common, latency: "latency", ledger: rooms.totals,
            cpuPerMillion: cpuPerMillion)
    }
}
