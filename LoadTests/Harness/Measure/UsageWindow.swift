/// What the server and the generator used between two moments.
struct UsageWindow: Sendable {
    struct Usage: Equatable, Sendable {
        let seconds: Double
        /// Nil when nobody named the server's process, or it has gone.
        let serverCPUSeconds: Double?
        let serverResidentBytes: Int64?
        /// How long the server was kept from running by other work, of the time.
        let serverWaitingShare: Double?
        /// Of one core; the generator has one thread that works.
        let generatorShare: Double
        let generatorWaitingShare: Double
    }

    private let server: ProcessProbe?
    private let start = MonotonicClock.nanoseconds
    private let serverAtStart: ProcessProbe.Sample?
    private let generatorAtStart = ProcessProbe.ourselves.sample()

    init(server: ProcessProbe?) {
        self.server = server
        serverAtStart = server?.sample()
    }

    /// What was used until now; the window stays open.
    func usage() -> Usage {
        let seconds = Double(max(1, MonotonicClock.nanoseconds - start)) / 1e9
        let serverNow = server?.sample()
        let server = UsageWindow.difference(serverAtStart, serverNow)
        let generator = UsageWindow.difference(
            generatorAtStart, ProcessProbe.ourselves.sample())
        return Usage(
            seconds: seconds, serverCPUSeconds: server?.running,
            serverResidentBytes: serverNow?.residentBytes,
            serverWaitingShare: server.map { $0.waiting / seconds },
            generatorShare: (generator?.running ?? 0) / seconds,
            generatorWaitingShare: (generator?.waiting ?? 0) / seconds)
    }

    /// In seconds.
    private static func difference(
        _ before: ProcessProbe.Sample?, _ after: ProcessProbe.Sample?
    ) -> (running: Double, waiting: Double)? {
        guard let before, let after else { return nil }
        return (
            Double(after.cpuNanoseconds - before.cpuNanoseconds) / 1e9,
            Double(after.waitingNanoseconds - before.waitingNanoseconds) / 1e9
        )
    }
}
