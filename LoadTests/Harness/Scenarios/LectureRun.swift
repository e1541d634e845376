import Basics
import EventLoop

/// One run of ``LectureScenario``.
///
///     joining ──everybody is in──▶ settling ──▶ teaching ──time is over──▶ draining ──▶ over
final class LectureRun {
    private enum Phase: String {
        case joining, settling, teaching, draining, over
    }

    /// How long the restless stay away.
    private static let away: Duration = .milliseconds(300)
    private static let personLabel = Array(#""person":"load-"#.utf8)

    private let scenario: LectureScenario
    private let loop: EventLoop
    private let courses: Courses
    private let progress = Progress()
    private var phase = Phase.joining
    private let started = MonotonicClock.nanoseconds
    private var allIn: Int64 = 0
    private var bytesUntilJoined = 0
    private let beforeConnecting: ProcessProbe.Sample?
    private var whenJoined: ProcessProbe.Sample?
    private var window: UsageWindow?
    private var usage: UsageWindow.Usage?
    private var messages: OpenLoop?
    private var typing: OpenLoop?
    private var leaving: OpenLoop?
    private var timer: LoopTimer?

    private var nextTypist = 0
    /// By person: when their last typing event was due.
    private var typedAt: [Int: Int64] = [:]
    private var nextRestless: Int
    private var typingLatency = Histogram()
    private var returnLatency = Histogram()
    /// Events that came, by name.
    private var events: [String: Int] = [:]

    init(_ scenario: LectureScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        // The restless come from the end, so that those who write stay.
        nextRestless = scenario.plan.people - 1
        beforeConnecting = scenario.common.server?.sample()
        courses = Courses(
            loop: loop, plan: scenario.plan, textBytes: scenario.textBytes,
            common: scenario.common)
        courses.owner = self
    }

    func start() {
        progress.start(on: loop) { [unowned self] in
            "lecture \(phase.rawValue): \(crowd.progress), sent \(courses.sentCount), "
                + "delivered \(courses.deliveries), "
                + "p99 \(courses.deliveryLatency.percentile(99).inMs.short) ms"
        }
        crowd.assemble(within: scenario.common.readyTimeout)
    }

    private var crowd: Crowd { courses.crowd }

    private func beginTeaching() {
        phase = .teaching
        whenJoined = scenario.common.server?.sample()
        window = UsageWindow(server: scenario.common.server)
        messages = OpenLoop(
            loop: loop, interval: 1_000_000_000 / Int64(scenario.rate),
            beats: scenario.rate * scenario.seconds,
            onBeat: { [unowned self] due in
                for _ in 0..<scenario.burst { courses.sendNext(due: due) }
            },
            onEnd: { [unowned self] in beginDraining() })
        typing = every(scenario.typing) { [unowned self] in type(due: $0) }
        leaving = every(scenario.restless) { [unowned self] _ in leave() }
    }

    private func every(_ rate: Int, _ beat: @escaping (Int64) -> Void) -> OpenLoop? {
        guard rate > 0 else { return nil }
        return OpenLoop(
            loop: loop, interval: 1_000_000_000 / Int64(rate), beats: OpenLoop.endless,
            onBeat: beat)
    }

    /// Everybody in turn: the server passes on one event of a person each two seconds.
    private func type(due: Int64) {
        nextTypist = (nextTypist + 1) % scenario.plan.people
        typedAt[nextTypist] = due
        courses.push("typing", from: nextTypist)
    }

    private func leave() {
        let client = crowd.fleet.clients[nextRestless]
        nextRestless = nextRestless > 0 ? nextRestless - 1 : scenario.plan.people - 1
        guard client.stage == .joined else { return }
        crowd.leavePolitely(client)
        loop.schedule(after: LectureRun.away) { [unowned self] in
            guard phase != .over, client.hasEnded else { return }
            client.returnedAt = MonotonicClock.nanoseconds
            crowd.comeBack(client)
        }
    }

    private func beginDraining() {
        phase = .draining
        usage = window?.usage()
        typing?.stop()
        leaving?.stop()
        let deadline = MonotonicClock.nanoseconds + scenario.common.drain.inNanoseconds
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
        for openLoop in [messages, typing, leaving] { openLoop?.stop() }
        progress.finish()
        courses.finish()
        loop.stop()
    }
}

extension LectureRun: CoursesOwner {
    func coursesAreReady() {
        allIn = MonotonicClock.nanoseconds
        guard crowd.joinedCount > 0 else { return finish() }
        phase = .settling
        scenario.common.whenAllAreReady(on: loop) { [unowned self] in
            bytesUntilJoined = crowd.fleet.bytesReceived
            beginTeaching()
        }
    }

    func clientSettled(_ client: Client) {
        guard client.stage == .joined, client.returnedAt > 0 else { return }
        returnLatency.record(MonotonicClock.nanoseconds - client.returnedAt)
    }

    func eventReceived(_ client: Client, _ name: String, _ text: [UInt8], at now: Int64) {
        guard phase == .teaching || phase == .draining else { return }
        events[name, default: 0] += 1
        guard name == "typing", let person = Digits.after(LectureRun.personLabel, in: text.span),
            let due = typedAt[Int(person) - 1]
        else { return }
        typingLatency.record(now - due)
    }
}

extension LectureRun {
    func fill(_ report: inout Report) {
        let people = max(1, scenario.plan.people)
        let seconds = Double(max(0, allIn - started)) / 1e9
        report.metrics += [
            Metric("all_in_s", "until all were in", seconds, "s"),
            Metric(
                "bytes_until_joined", "bytes per person until joined",
                Double(bytesUntilJoined) / Double(people), "B"),
        ]
        if seconds > scenario.withinSeconds {
            report.missed.append(
                "all were in after \(seconds.short) s, at most \(scenario.withinSeconds.short)")
        }
        courses.addCounts(to: &report)
        report.metrics += [
            Metric("typing_events", "typing events that came", events["typing"] ?? 0),
            Metric("presence_diffs", "presence changes that came", events["presence_diff"] ?? 0),
            Metric("presence_states", "presence states that came", events["presence_state"] ?? 0),
        ]
        report.addLatency("join", "join", crowd.joinLatency)
        report.addLatency("typing", "typing", typingLatency)
        report.addLatency("return", "return", returnLatency)
        courses.addLatencies(to: &report)
        if let beforeConnecting, let whenJoined {
            report.addConnectionCosts(
                before: beforeConnecting, after: whenJoined, connections: crowd.joinedCount)
        }
        if let usage { report.add(usage) }
        courses.addFlaws(to: &report)
        report.flaws += Validity.flaws(
            published: courses.sentCount,
            intended: scenario.rate * scenario.burst * scenario.seconds,
            lateness: messages?.lateness ?? Histogram(),
            mostLatenessMs: scenario.common.mostLatenessMs,
            generatorShare: usage?.generatorShare ?? 0)
        report.judge(
            scenario.common, latency: "delivery", ledger: courses.totals, cpuPerMillion: nil)
    }
}
