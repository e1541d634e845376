import Basics
import EventLoop

/// People on trains: connections that break at random, and come back with a position.
struct JitterScenario: Scenario {
    static let name = "jitter"
    static let summary = "networks that flap: everybody resumes, the ledger is 0/0/0"
    static let discussion = """
        People sit in course channels and send messages. Each person's socket is cut without a
        word at random times, on average every --every seconds, sometimes in the middle of a
        join; after up to --away milliseconds it comes back and resumes with its positions.
        What was not acknowledged is sent again under the same client id.

        The ledger holds every seat to n+1, n+2, … from its first join to the end: lost,
        duplicated and out of order must be 0/0/0, whatever the network did. The same --seed
        cuts at the same times.
        """
    static let options = [
        Option("--people", "N", default: "200", "connections"),
        Option("--topics", "N", default: "3", "courses that each person joins, up to 100"),
        Option("--members", "N", default: "20", "people in each course"),
        Option("--rate", "N", default: "50", "messages a second, over all courses"),
        Option("--text", "BYTES", default: "100", "of a message's text, from 41, up to 4000"),
        Option("--seconds", "N", default: "15", "how long messages are sent and sockets cut"),
        Option("--every", "SECONDS", default: "3", "mean time between two cuts of one person"),
        Option("--away", "MS", default: "1000", "the longest time away"),
        Option("--seed", "N", default: "1", "for the times of cuts and returns"),
    ]
    static let examples = [
        "psql -v rooms=30 -v members=20 -v people=200 -f LoadTests/prepare.sql",
        "rollcall-load jitter --secret-file .rollcall/jwt-secret --seed 7",
        "rollcall-load jitter --every 0.5 --away 200 --rate 200",
    ]

    let common: CommonOptions
    let plan: SeatPlan
    let rate: Int
    let textBytes: Int
    let seconds: Int
    let everyMs: Int64
    let awayMs: Int64
    let seed: UInt64

    init(_ options: Options, _ common: CommonOptions) throws(UsageError) {
        let people = try common.share.part(
            of: try options.integer("--people", in: 1...1_000_000), "--people")
        plan = try SeatPlan(
            people: people, topics: try options.integer("--topics", in: 1...100),
            members: try options.integer("--members", in: 1...100_000))
        var common = common
        common.personBase = common.share.index * plan.people
        common.roomBase = common.share.index * plan.rooms
        self.common = common
        rate = try common.share.part(of: try options.integer("--rate", in: 1...100_000), "--rate")
        textBytes = try options.integer("--text", in: Mark.width...4_000)
        seconds = try options.integer("--seconds", in: 1...86_400)
        everyMs = max(1, Int64(try options.number("--every", atMost: 86_400) * 1_000))
        awayMs = Int64(try options.integer("--away", in: 1...600_000))
        seed = UInt64(try options.integer("--seed", in: 0...Int.max))
    }

    var connections: Int { plan.people }

    var parameters: [(name: String, value: String)] {
        [
            ("people", "\(plan.people * common.share.count)"),
            ("topics", "\(plan.seats / plan.people)"), ("members", "\(plan.members)"),
            ("rate", "\(rate * common.share.count)"), ("seconds", "\(seconds)"),
            ("every", "\(everyMs) ms"), ("away", "\(awayMs) ms"), ("seed", "\(seed)"),
        ]
    }

    func run(on loop: EventLoop, into report: inout Report) {
        let run = JitterRun(self, on: loop)
        run.start()
        loop.run()
        run.fill(&report)
    }
}

/// One run of ``JitterScenario``.
///
///     joining ──everybody is in──▶ settling ──▶ flapping ──time is over──▶ draining ──▶ over
final class JitterRun {
    private enum Phase: String {
        case joining, settling, flapping, draining, over
    }

    private let scenario: JitterScenario
    private let loop: EventLoop
    private let courses: Courses
    private let progress = Progress()
    private var phase = Phase.joining
    private var random: Seeded
    private var openLoop: OpenLoop?
    private var window: UsageWindow?
    private var usage: UsageWindow.Usage?
    private var timer: LoopTimer?
    private var cuts = 0
    private var returnLatency = Histogram()

    init(_ scenario: JitterScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        // Each process flaps in its own way, and every time in the same.
        random = Seeded(seed: scenario.seed &+ UInt64(scenario.common.share.index))
        courses = Courses(
            loop: loop, plan: scenario.plan, textBytes: scenario.textBytes,
            common: scenario.common)
        courses.owner = self
    }

    func start() {
        progress.start(on: loop) { [unowned self] in
            "jitter \(phase.rawValue): \(crowd.progress), cut \(cuts), sent \(courses.sentCount), "
                + "delivered \(courses.deliveries)"
        }
        crowd.assemble(within: scenario.common.readyTimeout)
    }

    private var crowd: Crowd { courses.crowd }

    private func beginFlapping() {
        phase = .flapping
        window = UsageWindow(server: scenario.common.server)
        openLoop = OpenLoop(
            loop: loop, interval: 1_000_000_000 / Int64(scenario.rate),
            beats: scenario.rate * scenario.seconds,
            onBeat: { [unowned self] in courses.sendNext(due: $0) },
            onEnd: { [unowned self] in beginDraining() })
        for client in crowd.fleet.clients { scheduleCut(client) }
    }

    /// From nothing to twice the mean, all equally likely.
    private func scheduleCut(_ client: Client) {
        let wait = Int64.random(in: 1...2 * scenario.everyMs, using: &random)
        loop.schedule(after: .milliseconds(wait)) { [unowned self] in
            guard phase == .flapping else { return }
            cut(client)
            scheduleCut(client)
        }
    }

    private func cut(_ client: Client) {
        guard !client.hasEnded else { return }
        cuts += 1
        crowd.cut(client)
        let away = Int64.random(in: 1...scenario.awayMs, using: &random)
        loop.schedule(after: .milliseconds(away)) { [unowned self] in
            guard phase != .over, client.hasEnded else { return }
            client.returnedAt = MonotonicClock.nanoseconds
            crowd.comeBack(client)
        }
    }

    private func beginDraining() {
        phase = .draining
        usage = window?.usage()
        let deadline =
            MonotonicClock.nanoseconds + scenario.awayMs * 1_000_000
            + scenario.common.drain.inNanoseconds
        timer = loop.schedule(after: .milliseconds(20), repeating: .milliseconds(20)) {
            [unowned self] in
            let isComplete = courses.isQuiet && crowd.joinedCount == scenario.plan.people
            if isComplete || MonotonicClock.nanoseconds > deadline { finish() }
        }
    }

    private func finish() {
        guard phase != .over else { return }
        phase = .over
        timer?.cancel()
        openLoop?.stop()
        progress.finish()
        courses.finish()
        loop.stop()
    }
}

extension JitterRun: CoursesOwner {
    func coursesAreReady() {
        guard crowd.joinedCount > 0 else { return finish() }
        phase = .settling
        scenario.common.whenAllAreReady(on: loop) { [unowned self] in beginFlapping() }
    }

    func clientSettled(_ client: Client) {
        guard client.stage == .joined, client.returnedAt > 0 else { return }
        returnLatency.record(MonotonicClock.nanoseconds - client.returnedAt)
    }
}

extension JitterRun {
    func fill(_ report: inout Report) {
        courses.addCounts(to: &report)
        report.metrics.append(Metric("cuts", "connections cut", cuts))
        courses.addReturns(to: &report)
        report.addLatency("return", "return", returnLatency)
        courses.addLatencies(to: &report)
        if let usage { report.add(usage) }
        courses.addFlaws(to: &report)
        if cuts == 0 { report.flaws.append("no connection was cut: raise --seconds") }
        report.flaws += Validity.flaws(
            published: courses.sentCount, intended: scenario.rate * scenario.seconds,
            lateness: openLoop?.lateness ?? Histogram(),
            mostLatenessMs: scenario.common.mostLatenessMs,
            generatorShare: usage?.generatorShare ?? 0)
        report.judge(
            scenario.common, latency: "return", ledger: courses.totals, cpuPerMillion: nil)
    }
}
