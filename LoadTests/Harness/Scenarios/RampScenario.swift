import Basics
import EventLoop

/// More and more people, until enough or too many.
struct RampScenario: Scenario {
    static let name = "ramp"
    static let summary = "connections added every second, until a target or a missed p99"
    static let discussion = """
        Every second --add people connect, in open rooms of --members, while messages are
        published to the rooms that are there, --rate a second. Each second is judged by its
        own p99. The run ends when --target people are in and --seconds have passed (passed), or
        when two seconds running missed --max-p99 (1). Without --max-p99, 100 ms are held.
        "within the target" is the largest number of people whose second kept it.
        """
    static let options = [
        Option("--target", "N", default: "10000", "people"),
        Option("--add", "N", default: "500", "people a second"),
        Option("--members", "N", default: "100", "people in a room"),
        Option("--rate", "N", default: "100", "messages a second, over all rooms"),
        Option("--payload", "BYTES", default: "100", "of the broadcast's own payload, from 61"),
        Option("--seconds", "N", default: "3", "goes on so long with everybody in"),
        Option("--topic", "NAME", default: "realtime:ramp", "their names, before -1, -2 …"),
    ]
    static let examples = [
        "rollcall-load ramp --secret-file .rollcall/jwt-secret --server-pid 4711",
        "rollcall-load ramp --target 20000 --add 1000 --max-p99 50 --processes 2",
    ]

    /// What is held without `--max-p99`: what a person still takes for "at once".
    static let mostLatencyMs = 100.0

    let common: CommonOptions
    let rooms: Int
    let members: Int
    let add: Int
    let rate: Int
    let payloadBytes: Int
    let seconds: Int
    let topic: String

    init(_ options: Options, _ common: CommonOptions) throws(UsageError) {
        let share = common.share
        let target = try share.part(
            of: try options.integer("--target", in: 1...1_000_000), "--target")
        members = try options.integer("--members", in: 1...target)
        guard target % members == 0 else {
            throw UsageError("--target: \(target) people do not fill rooms of \(members)")
        }
        rooms = target / members
        add = try share.part(of: try options.integer("--add", in: 1...100_000), "--add")
        rate = try share.part(of: try options.integer("--rate", in: 1...100_000), "--rate")
        payloadBytes = try options.integer(
            "--payload", in: BroadcastTemplate.leastPayloadBytes...250_000)
        seconds = try options.integer("--seconds", in: 1...86_400)
        topic = options.text("--topic") ?? ""
        var common = common
        common.personBase = share.index * target
        common.roomBase = share.index * rooms
        self.common = common
    }

    var connections: Int { rooms * members }

    var parameters: [(name: String, value: String)] {
        let count = common.share.count
        return [
            ("target", "\(connections * count)"), ("add", "\(add * count)"),
            ("members", "\(members)"), ("rate", "\(rate * count)"),
            ("payload", "\(payloadBytes)"), ("seconds", "\(seconds)"),
        ]
    }

    func run(on loop: EventLoop, into report: inout Report) {
        let run = RampRun(self, on: loop)
        run.start()
        loop.run()
        run.fill(&report)
    }
}

/// One run of ``RampScenario``.
final class RampRun {
    /// One bad second may be something else's.
    private static let secondsToMiss = 2

    /// People are let in so many times a second: all of a second at once would be a small storm,
    /// in which the generator itself is late.
    private static let admissionsPerSecond = 50

    private let scenario: RampScenario
    private let loop: EventLoop
    private let rooms: OpenRooms
    private let progress = Progress()
    private let mostLatencyMs: Double
    private let beforeConnecting: ProcessProbe.Sample?
    private var window: UsageWindow?
    private var publishing: OpenLoop?
    private var timer: LoopTimer?
    private var admissions: LoopTimer?
    private var ticks = 0
    private var secondsWithAll = 0
    private var missedInARow = 0
    private var isOver = false
    /// The p99 of each second and how many were in at its end.
    private var steps: [(people: Int, p99Ms: Double)] = []
    private var all = Histogram()
    private var usage: UsageWindow.Usage?

    init(_ scenario: RampScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        mostLatencyMs = scenario.common.maximumP99Ms ?? RampScenario.mostLatencyMs
        beforeConnecting = scenario.common.server?.sample()
        rooms = OpenRooms(
            loop: loop, rooms: scenario.rooms, members: scenario.members,
            payloadBytes: scenario.payloadBytes, topic: scenario.topic, common: scenario.common)
    }

    func start() {
        progress.start(on: loop) { [unowned self] in
            "ramp: \(rooms.crowd.progress), delivered \(rooms.deliveries), "
                + "p99 \(steps.last?.p99Ms.short ?? "–") ms"
        }
        window = UsageWindow(server: scenario.common.server)
        publishing = OpenLoop(
            loop: loop, interval: 1_000_000_000 / Int64(scenario.rate), beats: OpenLoop.endless,
            onBeat: { [unowned self] in rooms.publishNext(due: $0) })
        let tick = Duration.seconds(1) / RampRun.admissionsPerSecond
        admissions = loop.schedule(after: tick, repeating: tick) { [unowned self] in addPeople() }
        timer = loop.schedule(after: .seconds(1), repeating: .seconds(1)) { [unowned self] in
            judgeSecond()
        }
    }

    private func addPeople() {
        guard !isOver else { return }
        ticks += 1
        rooms.crowd.open(
            min(ticks * scenario.add / RampRun.admissionsPerSecond, scenario.connections))
    }

    private func judgeSecond() {
        guard !isOver else { return }
        let p99 = rooms.latency.percentile(99).inMs
        all.merge(rooms.latency)
        rooms.beginFigures()
        steps.append((rooms.crowd.joinedCount, p99))
        missedInARow = p99 > mostLatencyMs ? missedInARow + 1 : 0
        if rooms.crowd.joinedCount == scenario.connections { secondsWithAll += 1 }
        // Who does not get in within the time for joining does not get in.
        let patience =
            scenario.connections / scenario.add
            + Int(scenario.common.readyTimeout.components.seconds)
        if missedInARow == RampRun.secondsToMiss || secondsWithAll > scenario.seconds
            || steps.count > patience
        {
            finish()
        }
    }

    private func finish() {
        isOver = true
        usage = window?.usage()
        timer?.cancel()
        admissions?.cancel()
        publishing?.stop()
        // What is under way still counts for the ledger.
        loop.schedule(after: .milliseconds(500)) { [unowned self] in
            progress.finish()
            rooms.crowd.fleet.sayGoodbye()
            loop.stop()
        }
    }

    func fill(_ report: inout Report) {
        let kept = steps.filter { $0.p99Ms <= mostLatencyMs }.map(\.people).max() ?? 0
        report.metrics += [
            Metric("reached", "people reached", rooms.crowd.joinedCount),
            Metric("within_target", "within the target", kept),
        ]
        if missedInARow == RampRun.secondsToMiss {
            report.missed.append(
                "with \(rooms.crowd.joinedCount) people p99 was "
                    + "\((steps.last?.p99Ms ?? 0).short) ms, at most \(mostLatencyMs.short)")
        }
        // Who was still on the way in when it was over is no flaw.
        rooms.fill(&report, usage: usage, wanted: 1)
        report.addLatency("latency", "latency", all)
        for quarter in 1...4 {
            let people = scenario.connections * quarter / 4
            guard let step = steps.first(where: { $0.people >= people }) else { continue }
            report.metrics.append(
                Metric("p99_quarter_\(quarter)_ms", "p99 at \(quarter)/4", step.p99Ms, "ms"))
        }
        if let beforeConnecting, let after = scenario.common.server?.sample() {
            report.addConnectionCosts(
                before: beforeConnecting, after: after, connections: rooms.crowd.joinedCount)
        }
        let lateness = publishing?.lateness ?? Histogram()
        report.flaws += Validity.flaws(
            published: rooms.publishedCount, intended: 0, lateness: lateness,
            mostLatenessMs: scenario.common.mostLatenessMs,
            generatorShare: usage?.generatorShare ?? 0)
        report.judge(
            scenario.common.withoutP99, latency: "latency", ledger: rooms.totals,
            cpuPerMillion: nil)
    }
}
