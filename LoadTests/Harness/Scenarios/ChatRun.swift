import Basics
import EventLoop

/// One run of ``ChatScenario``.
///
///     joining ──everybody is in──▶ settling ──▶ sending ──time is over──▶ draining ──▶ over
final class ChatRun {
    private enum Phase: String {
        case joining, settling, sending, draining, over
    }

    private let scenario: ChatScenario
    private let loop: EventLoop
    private let courses: Courses
    private let progress = Progress()
    private var phase = Phase.joining

    private let beforeConnecting: ProcessProbe.Sample?
    private var whenJoined: ProcessProbe.Sample?
    private var window: UsageWindow?
    private var usage: UsageWindow.Usage?
    private var openLoop: OpenLoop?
    private var timer: LoopTimer?
    /// Acknowledged while sending went on, which is what counts for a rate.
    private var acknowledgedInTime = 0

    init(_ scenario: ChatScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        beforeConnecting = scenario.common.server?.sample()
        courses = Courses(
            loop: loop, plan: scenario.plan, textBytes: scenario.textBytes,
            common: scenario.common)
        courses.owner = self
    }

    func start() {
        progress.start(on: loop) { [unowned self] in
            "chat \(phase.rawValue): \(courses.crowd.progress), sent \(courses.sentCount), "
                + "acknowledged \(courses.acknowledged), "
                + "under way \(courses.unacknowledgedCount), delivered \(courses.deliveries), "
                + "ack p99 \(courses.ackLatency.percentile(99).inMs.short) ms"
        }
        courses.crowd.assemble(within: scenario.common.readyTimeout)
    }

    private func beginSending() {
        phase = .sending
        whenJoined = scenario.common.server?.sample()
        window = UsageWindow(server: scenario.common.server)
        guard scenario.isClosedLoop else {
            openLoop = OpenLoop(
                loop: loop, interval: 1_000_000_000 / Int64(scenario.rate),
                beats: scenario.messages, onBeat: { [unowned self] in courses.sendNext(due: $0) },
                onEnd: { [unowned self] in beginDraining() })
            return
        }
        timer = loop.schedule(after: .seconds(scenario.seconds)) { [unowned self] in
            beginDraining()
        }
        for _ in 0..<scenario.window { courses.sendNext(due: MonotonicClock.nanoseconds) }
    }

    private func beginDraining() {
        guard phase == .sending else { return }
        phase = .draining
        usage = window?.usage()
        timer?.cancel()
        let deadline = MonotonicClock.nanoseconds + scenario.common.drain.inNanoseconds
        timer = loop.schedule(after: .milliseconds(10), repeating: .milliseconds(10)) {
            [unowned self] in
            if courses.isQuiet || MonotonicClock.nanoseconds > deadline { finish() }
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

extension ChatRun: CoursesOwner {
    func coursesAreReady() {
        guard courses.crowd.joinedCount > 0 else { return finish() }
        phase = .settling
        scenario.common.whenAllAreReady(on: loop) { [unowned self] in beginSending() }
    }

    func messageAcknowledged(at now: Int64) {
        guard phase == .sending else { return }
        acknowledgedInTime += 1
        if scenario.isClosedLoop { courses.sendNext(due: now) }
    }
}

extension ChatRun {
    func fill(_ report: inout Report) {
        courses.addCounts(to: &report)
        report.metrics.append(
            Metric("join_p99_ms", "join p99", courses.crowd.joinLatency.percentile(99).inMs, "ms"))
        let cpu = addUsage(to: &report)
        courses.addLatencies(to: &report)
        courses.addFlaws(to: &report)
        report.flaws += Validity.flaws(
            published: courses.sentCount, intended: scenario.isClosedLoop ? 0 : scenario.messages,
            lateness: openLoop?.lateness ?? Histogram(),
            mostLatenessMs: scenario.common.mostLatenessMs,
            generatorShare: usage?.generatorShare ?? 0)
        report.judge(
            scenario.common, latency: "ack", ledger: courses.totals,
            cpuPerMillion: cpu)
    }

    private func addUsage(to report: inout Report) -> Double? {
        guard let usage else { return nil }
        report.metrics.append(
            Metric(
                "acknowledged_per_second", "acknowledged a second",
                Double(acknowledgedInTime) / usage.seconds, "1/s", combining: .sum))
        report.add(usage)
        if let beforeConnecting, let whenJoined {
            report.addConnectionCosts(
                before: beforeConnecting, after: whenJoined,
                connections: courses.crowd.joinedCount)
        }
        guard let cpu = usage.serverCPUSeconds, courses.deliveries > 0 else { return nil }
        report.metrics.append(
            Metric(
                "cpu_us_per_message", "server's CPU per message",
                cpu / Double(max(1, acknowledgedInTime)) * 1e6, "µs",
                combining: .per("acknowledged")))
        return cpu / Double(courses.deliveries) * 1e6
    }
}
