import EventLoop

/// Work at fixed times, whether or not the server keeps up with it.
///
/// What is late is done at once and under its own due time, so that a stall is charged for all
/// that waited (coordinated omission); how late the generator itself was is kept.
final class OpenLoop {
    /// Between the decision to begin and the first beat.
    private static let leadNanoseconds: Int64 = 50_000_000

    /// Beats of a loop that is stopped from outside: years of them.
    static let endless = Int.max >> 16

    private(set) var lateness = Histogram()
    private(set) var beatsDone = 0

    private let start = MonotonicClock.nanoseconds + OpenLoop.leadNanoseconds
    private let interval: Int64
    private let beats: Int
    private let onBeat: (_ due: Int64) -> Void
    private let onEnd: () -> Void
    private var metronome: Metronome?

    /// - Parameters:
    ///   - interval: nanoseconds between beats.
    ///   - onBeat: does the work of one beat, on the loop.
    ///   - onEnd: called once after the last beat, not after ``stop()``.
    init(
        loop: EventLoop, interval: Int64, beats: Int, onBeat: @escaping (_ due: Int64) -> Void,
        onEnd: @escaping () -> Void = {}
    ) {
        self.interval = interval
        self.beats = beats
        self.onBeat = onBeat
        self.onEnd = onEnd
        metronome = Metronome(loop: loop, start: start, interval: interval, beats: beats) {
            [weak self] in self?.catchUp(with: $0)
        }
    }

    func stop() {
        metronome?.stop()
        metronome = nil
    }

    private func catchUp(with beat: Int) {
        guard metronome != nil else { return }
        while beatsDone <= beat {
            let due = start + Int64(beatsDone) * interval
            onBeat(due)
            lateness.record(MonotonicClock.nanoseconds - due)
            beatsDone += 1
        }
        if beatsDone == beats { onEnd() }
    }
}
