package import Basics
import CLibuv
import Glibc

/// One libuv loop: timers, descriptors and messages of one thread.
///
/// A *turn* is what happens between two sleeps: input callbacks, due timers, performed
/// closures, and last the turn's end. Everything that belongs to a loop is used on the thread
/// that runs it and never leaves it; the only thing other threads may touch is a ``Mailbox``.
package final class EventLoop: Clock {
    let raw: UnsafeMutablePointer<uv_loop_t>
    private let turnEnd = UnsafeMutablePointer<uv_prepare_t>.allocate(capacity: 1)
    private let performing = UnsafeMutablePointer<uv_idle_t>.allocate(capacity: 1)
    private var performed: [() -> Void] = []
    private var turnEndBodies: [() -> Void] = []
    private var cachedNow: Instant?
    private var pace: TurnPace
    private(set) var isClosed = false

    /// Makes a loop, and ignores SIGPIPE for the whole process: a peer that has gone is an
    /// error of one socket, not the end of the server.
    package init() {
        signal(SIGPIPE, SIG_IGN)
        raw = .allocate(capacity: 1)
        // These fail only without memory or descriptors, when nothing can be served at all.
        precondition(uv_loop_init(raw) == 0, "uv_loop_init failed")
        precondition(loop_measure_idle_time(raw) == 0, "uv_loop_configure failed")
        pace = TurnPace(at: Int64(uv_hrtime()))
        uv_prepare_init(raw, turnEnd)
        uv_idle_init(raw, performing)
        // Not retained: close() empties both before the loop can go.
        let me = Unmanaged.passUnretained(self).toOpaque()
        turnEnd.pointee.data = me
        performing.pointee.data = me
        uv_prepare_start(turnEnd, turnEnded)
        // The turn's end alone is no reason to stay awake for.
        uv_unref(UnsafeMutableRawPointer(turnEnd).assumingMemoryBound(to: uv_handle_t.self))
    }

    deinit {
        precondition(isClosed, "an EventLoop was dropped without close()")
    }

    /// The monotonic time, read once a turn.
    ///
    /// Within a turn it stands still, so that everything decided together has one time. Cost:
    /// one clock read per turn.
    package var now: Instant {
        if let cachedNow { return cachedNow }
        let now = Instant(nanoseconds: Int64(uv_hrtime()))
        cachedNow = now
        return now
    }

    /// The civil time, read at every call.
    package var wallClock: Timestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000)
    }

    /// Serves until ``stop()``, or until nothing is left to wait for.
    package func run() {
        precondition(!isClosed, "a closed EventLoop cannot run")
        cachedNow = nil
        pace = TurnPace(at: Int64(uv_hrtime()), idle: uv_metrics_idle_time(raw))
        uv_run(raw, UV_RUN_DEFAULT)
    }

    /// Ends ``run()`` after the present turn's callbacks. On the loop's own thread only.
    package func stop() {
        uv_stop(raw)
    }

    /// Closes everything still open, runs until it is freed, and frees the loop.
    ///
    /// Not from inside a callback of the loop. Pollers, timers, mailboxes and tables may be
    /// mentioned afterwards; they do nothing more.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        performed = []
        turnEndBodies = []
        uv_prepare_stop(turnEnd)
        uv_idle_stop(performing)
        // More than once, because owners hear of their sockets' ends and may act on it.
        repeat {
            uv_walk(raw, closeResource, nil)
            uv_run(raw, UV_RUN_NOWAIT)
        } while uv_loop_alive(raw) != 0
        let own = [UnsafeMutableRawPointer(turnEnd), UnsafeMutableRawPointer(performing)]
        for handle in own {
            handle.assumingMemoryBound(to: uv_handle_t.self).pointee.data = nil
            uv_close(handle.assumingMemoryBound(to: uv_handle_t.self), nil)
        }
        uv_run(raw, UV_RUN_DEFAULT)
        precondition(uv_loop_close(raw) == 0, "a handle outlived its loop")
        turnEnd.deallocate()
        performing.deallocate()
        raw.deallocate()
    }

    /// Runs `body` later in this turn or in the next, never now, in the order of the calls.
    package func perform(_ body: @escaping () -> Void) {
        guard !isClosed else { return }
        if performed.isEmpty { uv_idle_start(performing, performQueued) }
        performed.append(body)
    }

    /// Runs `body` at the end of every turn, before the loop may sleep, in order of adding.
    ///
    /// That is where what the turn has written, in input callbacks, timers and performed
    /// closures alike, goes to the kernel. Bodies stay until the loop closes.
    package func onTurnEnd(_ body: @escaping () -> Void) {
        guard !isClosed else { return }
        turnEndBodies.append(body)
    }

    /// The longest time between two sleeps since this was last read: how long a newly arrived
    /// byte may have waited for its turn.
    package var longestTurn: Duration {
        pace.takeLongest()
    }

    /// One batch: what it performs itself waits for the next turn, so that a chain of closures
    /// cannot keep sockets from being read.
    fileprivate func runPerformed() {
        var batch: [() -> Void] = []
        swap(&batch, &performed)
        for body in batch { body() }
        if performed.isEmpty { uv_idle_stop(performing) }
    }

    fileprivate func endTurn() {
        var index = 0
        while index < turnEndBodies.count {
            turnEndBodies[index]()
            index += 1
        }
        cachedNow = nil
        pace.turnEnded(at: Int64(uv_hrtime()), idle: uv_metrics_idle_time(raw))
    }
}

private nonisolated func turnEnded(_ handle: UnsafeMutablePointer<uv_prepare_t>?) {
    guard let data = handle?.pointee.data else { return }
    Unmanaged<EventLoop>.fromOpaque(data)._withUnsafeGuaranteedRef { $0.endTurn() }
}

private nonisolated func performQueued(_ handle: UnsafeMutablePointer<uv_idle_t>?) {
    guard let data = handle?.pointee.data else { return }
    Unmanaged<EventLoop>.fromOpaque(data)._withUnsafeGuaranteedRef { $0.runPerformed() }
}

private nonisolated func closeResource(
    _ handle: UnsafeMutablePointer<uv_handle_t>?, _: UnsafeMutableRawPointer?
) {
    guard let handle, let data = handle.pointee.data, uv_is_closing(handle) == 0,
        handle.pointee.type != UV_PREPARE, handle.pointee.type != UV_IDLE
    else { return }
    Unmanaged<LoopResource>.fromOpaque(data)._withUnsafeGuaranteedRef { $0.closeHandles() }
}
