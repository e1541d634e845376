/// What the server and the generator used between two moments.
struct UsageWindow: Sendable {
    struct Usage: Equatable, Sendable {
        let seconds: Double
        /// Nil when nobody named the server's process, or it has gone.
        let serverCPUSeconds: Double?
        let serverResidentBytes: Int64?
        /// Of one core; the generator has one thread that works.
        let generatorShare: Double
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
        let generatorCPU = UsageWindow.difference(
            generatorAtStart, ProcessProbe.ourselves.sample())
        return Usage(
            seconds: seconds,
            serverCPUSeconds: UsageWindow.difference(serverAtStart, serverNow),
            serverResidentBytes: serverNow?.residentBytes,
            generatorShare: (generatorCPU ?? 0) / seconds)
    }

    private static func difference(
        _ before: ProcessProbe.Sample?, _ after: ProcessProbe.Sample?
    ) -> Double? {
        guard let before, let after else { return nil }
        return Double(after.cpuNanoseconds - before.cpuNanoseconds) / 1e9
    }
}
