import EventLoop
import Glibc

/// Beats at exact times, from a thread of its own: the loop's timers count whole milliseconds,
/// as much as a whole delivery may take.
///
/// The beats are an open loop: they do not wait for the server. When the generator is late, it
/// gets several beats at once and sends what they stand for, still under their own due times.
final class Metronome {
    private let mailbox: Mailbox<Int>

    /// - Parameters:
    ///   - start: the due time of beat 0, on ``MonotonicClock``.
    ///   - interval: nanoseconds between beats.
    ///   - onBeat: called on the loop with the newest beat that is due.
    init(
        loop: EventLoop, start: Int64, interval: Int64, beats: Int,
        onBeat: @escaping (Int) -> Void
    ) {
        let mailbox = Mailbox<Int>(loop: loop) { due in
            if let newest = due.last { onBeat(newest) }
        }
        self.mailbox = mailbox
        // Ends by itself within a beat after the mailbox closed.
        _ = LoopThread.start(name: "metronome") {
            for beat in 0..<beats {
                Metronome.sleep(until: start + Int64(beat) * interval)
                guard mailbox.post(beat) else { return }
            }
        }
    }

    func stop() {
        mailbox.close()
    }

    private static func sleep(until nanoseconds: Int64) {
        var due = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nil) == EINTR { continue }
    }
}
