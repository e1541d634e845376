import Basics
import EventLoop

/// One slow reader among many: the others must not notice.
struct SlowScenario: Scenario {
    static let name = "slow"
    static let summary = "slow readers among fast ones: the others' latency with and without"
    static let discussion = """
        People in one open room get --rate messages a second of --payload bytes. First for
        --seconds everybody reads; then --stopped people join who read nothing at all, and
        --trickling who read 1,000 bytes a second, and it goes on for the same time. The figure
        is the others' p99 with them, against without them; their ledger must stay 0/0/0.

        What the slow ones miss is no loss: a broadcast is dropped once a megabyte waits for
        its reader. That the server's memory stays bounded shows in "memory for slow readers".
        With --seconds 65 or more the one that reads nothing has to be closed (code 4000).
        """
    static let options = [
        Option("--people", "N", default: "500", "who read as fast as they can"),
        Option("--stopped", "N", default: "1", "who read nothing"),
        Option("--trickling", "N", default: "1", "who read 1,000 bytes a second"),
        Option("--rate", "N", default: "20", "messages a second, at most 40"),
        Option("--payload", "BYTES", default: "4000", "of the broadcast's own payload, from 61"),
        Option("--seconds", "N", default: "8", "of each half"),
        Option("--max-ratio", "X", default: "1.5", "target: p99 with slow readers to without"),
        Option("--topic", "NAME", default: "realtime:slow", "the room, before -1"),
    ]
    static let examples = [
        "rollcall-load slow --secret-file .rollcall/jwt-secret --server-pid 4711",
        "rollcall-load slow --stopped 50 --trickling 50 --seconds 65",
    ]

    static let trickle = 1_000

    let common: CommonOptions
    let people: Int
    let stopped: Int
    let trickling: Int
    let rate: Int
    let payloadBytes: Int
    let seconds: Int
    let maximumRatio: Double
    let topic: String

    init(_ options: Options, _ common: CommonOptions) throws(UsageError) {
        guard !common.share.isPart else {
            throw UsageError("--processes: two halves of one run have one clock; use one process")
        }
        self.common = common
        people = try options.integer("--people", in: 1...1_000_000)
        stopped = try options.integer("--stopped", in: 0...500)
        trickling = try options.integer("--trickling", in: 0...500)
        rate = try options.integer("--rate", in: 1...OpenRooms.messagesPerRoom)
        payloadBytes = try options.integer(
            "--payload", in: BroadcastTemplate.leastPayloadBytes...250_000)
        seconds = try options.integer("--seconds", in: 1...86_400)
        maximumRatio = try options.number("--max-ratio", atMost: 1e6)
        topic = options.text("--topic") ?? ""
    }

    var connections: Int { people + stopped + trickling }

    var parameters: [(name: String, value: String)] {
        [
            ("people", "\(people)"), ("stopped", "\(stopped)"), ("trickling", "\(trickling)"),
            ("rate", "\(rate)"), ("payload", "\(payloadBytes)"), ("seconds", "2 × \(seconds)"),
        ]
    }

    func run(on loop: EventLoop, into report: inout Report) {
        let run = SlowRun(self, on: loop)
        run.start()
        loop.run()
        run.fill(&report)
    }
}

/// One run of ``SlowScenario``.
///
///     joining ──▶ settling ──▶ calm ──half is over──▶ slowed ──▶ draining ──▶ over
final class SlowRun: OpenRoomsOwner {
    private enum Phase: String {
        case joining, settling, calm, slowed, draining, over
    }

    /// Below it a ratio says nothing about the server.
    private static let leastP99: Int64 = 1_000_000

    private let scenario: SlowScenario
    private let loop: EventLoop
    private let rooms: OpenRooms
    private let readers: [SlowReader]
    private let progress = Progress()
    private var phase = Phase.joining
    private var publishing: OpenLoop?
    private var window: UsageWindow?
    private var usage: UsageWindow.Usage?
    private var timer: LoopTimer?
    private var calm = Histogram()
    private var memoryBefore: ProcessProbe.Sample?
    private var memoryAfter: ProcessProbe.Sample?

    init(_ scenario: SlowScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        rooms = OpenRooms(
            loop: loop, rooms: 1, members: scenario.people, payloadBytes: scenario.payloadBytes,
            topic: scenario.topic, common: scenario.common)
        readers =
            (0..<scenario.stopped).map { _ in SlowReader(bytesPerSecond: 0) }
            + (0..<scenario.trickling).map { _ in
                SlowReader(bytesPerSecond: SlowScenario.trickle)
            }
        rooms.owner = self
    }

    func start() {
        progress.start(on: loop) { [unowned self] in
            "slow \(phase.rawValue): \(rooms.crowd.progress), delivered \(rooms.deliveries), "
                + "p99 \(rooms.latency.percentile(99).inMs.short) ms"
        }
        rooms.crowd.assemble(within: scenario.common.readyTimeout)
    }

    func roomsAreReady() {
        guard rooms.crowd.joinedCount > 0 else { return finish() }
        phase = .settling
        scenario.common.whenAllAreReady(on: loop) { [unowned self] in
            phase = .calm
            window = UsageWindow(server: scenario.common.server)
            publishing = OpenLoop(
                loop: loop, interval: 1_000_000_000 / Int64(scenario.rate),
                beats: 2 * scenario.rate * scenario.seconds,
                onBeat: { [unowned self] in rooms.publishNext(due: $0) },
                onEnd: { [unowned self] in drain() })
            loop.schedule(after: .seconds(scenario.seconds)) { [unowned self] in slowDown() }
        }
    }

    private func slowDown() {
        phase = .slowed
        calm = rooms.latency
        rooms.beginFigures()
        memoryBefore = scenario.common.server?.sample()
        for (index, reader) in readers.enumerated() {
            reader.start(
                address: scenario.common.target,
                path: scenario.common.socketPath(for: "slow-\(index + 1)"),
                topic: "\(scenario.topic)-1", payload: OpenRooms.joinPayload)
        }
    }

    private func drain() {
        phase = .draining
        usage = window?.usage()
        memoryAfter = scenario.common.server?.sample()
        let deadline = MonotonicClock.nanoseconds + scenario.common.drain.inNanoseconds
        timer = loop.schedule(after: .milliseconds(20), repeating: .milliseconds(20)) {
            [unowned self] in
            if rooms.isQuiet || MonotonicClock.nanoseconds > deadline { finish() }
        }
    }

    private func finish() {
        guard phase != .over else { return }
        phase = .over
        timer?.cancel()
        publishing?.stop()
        for reader in readers { reader.leave() }
        progress.finish()
        rooms.crowd.fleet.sayGoodbye()
        loop.stop()
    }
}

extension SlowRun {
    func fill(_ report: inout Report) {
        let slowed = rooms.latency
        let ratio =
            Double(slowed.percentile(99)) / Double(max(SlowRun.leastP99, calm.percentile(99)))
        report.metrics.append(Metric("p99_ratio", "p99 with slow readers to without", ratio, "×"))
        if ratio > scenario.maximumRatio {
            report.missed.append(
                "p99 was \(ratio.short) × that without slow readers, at most "
                    + "\(scenario.maximumRatio.short)")
        }
        report.addLatency("calm", "without slow readers", calm)
        report.addLatency("slowed", "with slow readers", slowed)
        rooms.fill(&report, usage: usage)
        addReaders(to: &report)
        report.flaws += Validity.flaws(
            published: rooms.publishedCount, intended: 2 * scenario.rate * scenario.seconds,
            lateness: publishing?.lateness ?? Histogram(),
            mostLatenessMs: scenario.common.mostLatenessMs,
            generatorShare: usage?.generatorShare ?? 0)
        report.judge(
            scenario.common, latency: "slowed", ledger: rooms.totals, cpuPerMillion: nil)
    }

    private func addReaders(to report: inout Report) {
        let outcomes = readers.map(\.outcome)
        report.metrics += [
            Metric(
                "trickled", "bytes the trickling read",
                outcomes.reduce(0) { $0 + $1.bytesRead }),
            Metric(
                "slow_ended", "slow readers the server ended",
                outcomes.count { $0.end == "ended by the server" }),
        ]
        for end in outcomes.compactMap(\.end) where end != "ended by the server" {
            report.flaws.append("a slow reader: \(end)")
        }
        if let memoryBefore, let memoryAfter {
            report.metrics.append(
                Metric(
                    "slow_bytes", "memory for slow readers",
                    Double(memoryAfter.residentBytes - memoryBefore.residentBytes) / 1e6, "MB"))
        }
    }
}
