import Basics
import EventLoop
import Glibc

/// One run of ``StormScenario``.
///
///     gathering ──everybody is in──▶ settling ──▶ storming ──all are in──▶ after ──▶ draining
///         only with --resume ────────────┘            └──time is over──────────────▶ ──▶ over
final class StormRun {
    private enum Phase: String {
        case gathering, settling, storming, after, draining, over
    }

    /// Messages before the connections are lost, so that there is a position to come back with.
    private static let calmSeconds: Int64 = 1

    /// How late the generator may be at p99, of the time until all are in: everybody comes back
    /// through its one thread, so it cannot be punctual, but it must not be what is measured.
    private static let mostLatenessShare = 0.2

    private let scenario: StormScenario
    private let loop: EventLoop
    private let courses: Courses
    private let progress = Progress()
    private var phase = Phase.gathering
    private var random: Seeded

    private let beforeConnecting: ProcessProbe.Sample?
    private var publishing: OpenLoop?
    private var window: UsageWindow?
    private var usage: UsageWindow.Usage?
    private var timer: LoopTimer?
    private var command: ChildProcess?
    private var began: Int64 = 0
    private var allIn: Int64?
    private var returnLatency = Histogram()
    private var attempts = 0
    private var troubles: [String] = []

    init(_ scenario: StormScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        random = Seeded(seed: scenario.seed)
        beforeConnecting = scenario.common.server?.sample()
        courses = Courses(
            loop: loop, plan: scenario.plan, textBytes: scenario.textBytes,
            common: scenario.common)
        courses.owner = self
    }

    func start() {
        progress.start(on: loop) { [unowned self] in
            "storm \(phase.rawValue): \(courses.crowd.progress), sent \(courses.sentCount), "
                + "delivered \(courses.deliveries)"
        }
        switch scenario.disturbance {
        case .none:
            beginPublishing()
            beginStorm()
            courses.crowd.open(scenario.plan.people)
        case .cut, .command, .signal: courses.crowd.assemble(within: scenario.common.readyTimeout)
        }
    }

    private var crowd: Crowd { courses.crowd }

    private func beginPublishing() {
        publishing = OpenLoop(
            loop: loop, interval: 1_000_000_000 / Int64(scenario.rate), beats: OpenLoop.endless,
            onBeat: { [unowned self] in courses.sendNext(due: $0) })
    }

    private func beginStorm() {
        phase = .storming
        crowd.forgetLatencies()
        crowd.fleet.endingsArePlanned = true
        window = UsageWindow(server: scenario.common.server)
        began = MonotonicClock.nanoseconds
        timer = loop.schedule(after: scenario.common.readyTimeout) { [unowned self] in drain() }
    }

    private func disturb() {
        beginStorm()
        switch scenario.disturbance {
        case .none: break
        case .cut:
            for client in crowd.fleet.clients.dropFirst(scenario.stay) {
                crowd.cut(client)
                comeBack(client)
            }
        case .signal(let signal):
            if let process = scenario.common.serverProcess { kill(process, signal) }
        case .command(let text):
            let launch = ChildProcess.Launch("/bin/sh", ["-c", text])
            do throws(SystemError) {
                command = try ChildProcess(loop: loop, launch) { [unowned self] exit in
                    if !exit.isSuccess {
                        troubles.append("--restart-command ended with \(exit.status)")
                    }
                }
            } catch {
                troubles.append("--restart-command: \(error.message)")
            }
        }
    }

    private func comeBack(_ client: Client) {
        let pause = Int64.random(in: 1...Int64(scenario.pauseMs), using: &random)
        loop.schedule(after: .milliseconds(pause)) { [unowned self] in
            guard phase == .storming || phase == .after, client.hasEnded else { return }
            attempts += 1
            crowd.comeBack(client)
        }
    }

    private func everybodyIsIn() {
        allIn = MonotonicClock.nanoseconds
        phase = .after
        usage = window?.usage()
        timer?.cancel()
        timer = loop.schedule(after: .seconds(scenario.seconds)) { [unowned self] in drain() }
    }

    private func drain() {
        guard phase == .storming || phase == .after else { return }
        phase = .draining
        publishing?.stop()
        timer?.cancel()
        let deadline = MonotonicClock.nanoseconds + scenario.common.drain.inNanoseconds
        timer = loop.schedule(after: .milliseconds(20), repeating: .milliseconds(20)) {
            [unowned self] in
            if courses.isQuiet || MonotonicClock.nanoseconds > deadline { finish() }
        }
    }

    private func finish() {
        guard phase != .over else { return }
        phase = .over
        timer?.cancel()
        publishing?.stop()
        progress.finish()
        courses.finish()
        loop.stop()
    }
}

extension StormRun: CoursesOwner {
    func coursesAreReady() {
        guard phase == .gathering else { return }
        guard crowd.joinedCount > 0 else { return finish() }
        phase = .settling
        scenario.common.whenAllAreReady(on: loop) { [unowned self] in
            beginPublishing()
            loop.schedule(after: .seconds(StormRun.calmSeconds)) { [unowned self] in disturb() }
        }
    }

    func clientSettled(_ client: Client) {
        guard phase == .storming else { return }
        if client.stage == .joined {
            returnLatency.record(
                MonotonicClock.nanoseconds - (client.leftAt == 0 ? began : client.leftAt))
        }
        // A restart ends connections over some time: those not ended yet are not back.
        if crowd.joinedCount == scenario.plan.people, everybodyLeft { everybodyIsIn() }
    }

    func clientLeft(_ client: Client) {
        guard phase == .storming || phase == .after else { return }
        comeBack(client)
    }

    private var everybodyLeft: Bool {
        switch scenario.disturbance {
        case .none, .cut: true
        case .command, .signal: crowd.fleet.clients.allSatisfy { $0.leftAt >= began }
        }
    }
}

extension StormRun {
    func fill(_ report: inout Report) {
        if let allIn {
            let seconds = Double(allIn - began) / 1e9
            report.metrics.append(
                Metric("all_in_s", "until all were in", seconds, "s", combining: .most))
            if seconds > scenario.withinSeconds {
                report.missed.append(
                    "all were in after \(seconds.short) s, at most \(scenario.withinSeconds.short)")
            }
        } else if began > 0 {
            report.missed.append(
                "\(crowd.joinedCount) of \(scenario.plan.people) were in when the time was over")
        }
        courses.addCounts(to: &report)
        courses.addReturns(to: &report)
        report.metrics += [
            Metric("attempts", "attempts to come back", attempts),
            Metric("endings", "connections the server ended", crowd.fleet.plannedEndings),
        ]
        report.addLatency("return", "return", returnLatency)
        report.addLatency("connect", "connect", crowd.fleet.openLatency)
        report.addLatency("join", "join", crowd.joinLatency)
        courses.addLatencies(to: &report)
        report.metrics.append(
            Metric(
                "lateness_p99_ms", "generator late p99",
                publishing?.lateness.percentile(99).inMs ?? 0, "ms", combining: .most))
        if let usage { report.add(usage) }
        addGeneratorFlaws(to: &report)
        report.flaws += troubles
        courses.addFlaws(to: &report)
        report.judge(
            scenario.common, latency: "return", ledger: courses.totals, cpuPerMillion: nil)
    }

    private func addGeneratorFlaws(to report: inout Report) {
        guard let usage else { return }
        report.flaws += Validity.flaws(
            published: courses.sentCount, intended: 0,
            lateness: publishing?.lateness ?? Histogram(),
            mostLatenessMs: max(
                scenario.common.mostLatenessMs,
                usage.seconds * 1_000 * StormRun.mostLatenessShare),
            generatorShare: usage.generatorShare)
    }
}
