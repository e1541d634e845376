import Basics
import CLibuv

/// A closure that runs once or repeatedly on its loop.
///
/// The loop keeps a waiting timer alive; nobody needs to hold it except to cancel it. For
/// something per connection use one timer and a queue of deadlines instead.
package final class LoopTimer: LoopResource {
    private let memory = HandleMemory<uv_timer_t>()
    private let repeating: Duration?
    private var body: (() -> Void)?

    init(loop: EventLoop, after: Duration, repeating: Duration?, _ body: @escaping () -> Void) {
        self.repeating = repeating
        self.body = body
        super.init()
        guard !loop.isClosed else {
            self.body = nil
            memory.discard()
            return
        }
        uv_timer_init(loop.raw, memory.pointer)
        memory.retain(self)
        start(after: after)
    }

    /// Stops the timer: its closure never runs again and is let go. Repeating this, also after
    /// the closure ran or the loop closed, changes nothing.
    package func cancel() {
        guard body != nil else { return }
        body = nil
        memory.close()
    }

    override func handleFired(status: Int32, events: Int32) {
        guard let body else { return }
        if let repeating {
            start(after: repeating)
            body()
        } else {
            cancel()
            body()
        }
    }

    override func closeHandles() {
        cancel()
    }

    /// libuv counts whole milliseconds of the monotonic clock. The due time is rounded up on
    /// that clock, so a timer may be a millisecond late and is never early.
    private func start(after: Duration) {
        guard let loop = memory.pointer.pointee.loop else { return }
        let nanoseconds = min(max(after.inNanoseconds, 0), LoopTimer.longestNanoseconds)
        let due = (uv_hrtime() + UInt64(nanoseconds) + 999_999) / 1_000_000
        let wait = nanoseconds == 0 ? 0 : due - min(due, uv_now(loop))
        uv_timer_start(memory.pointer, { fire($0?.pointee.data) }, wait, 0)
    }

    /// A hundred years: longer waits are cut to this, so that no sum can overflow.
    private static let longestNanoseconds: Int64 = 100 * 366 * 86_400 * 1_000_000_000
}

extension EventLoop {
    /// Runs `body` once `after` has passed, and then every `repeating` if that is given.
    ///
    /// Never early; late by up to a millisecond and the length of a turn. Negative durations
    /// count as zero, which runs in the next turn. A repetition counts from the call before it,
    /// so a slow turn delays the later ones and never bunches them.
    @discardableResult
    package func schedule(
        after: Duration, repeating: Duration? = nil, _ body: @escaping () -> Void
    ) -> LoopTimer {
        LoopTimer(loop: self, after: after, repeating: repeating, body)
    }
}
