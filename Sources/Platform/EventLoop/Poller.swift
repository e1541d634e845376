import CLibuv

/// Which of a descriptor's two directions can proceed.
package struct Readiness: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let readable = Readiness(rawValue: 1)
    package static let writable = Readiness(rawValue: 2)
}

/// Watches a descriptor that somebody else reads and writes, such as libpq's socket.
///
/// Level-triggered: as long as the descriptor stays ready, `onReady` is called every turn. An
/// error on the descriptor is reported as everything that was watched, so that the owner's
/// next read or write meets it; watching then has to be asked for again.
package final class Poller: LoopResource {
    private let memory = HandleMemory<uv_poll_t>()
    /// Nil once closed, which also frees what the closure holds.
    private var onReady: ((Readiness) -> Void)?
    private var watched: Readiness = []

    /// Watches nothing yet. The descriptor is made non-blocking, stays the caller's, and must
    /// remain open until ``close()``; a loop can watch it only once at a time.
    ///
    /// Throws when the descriptor cannot be polled: closed, an ordinary file, or watched.
    package init(
        loop: EventLoop, descriptor: Int32, onReady: @escaping (Readiness) -> Void
    ) throws(SystemError) {
        self.onReady = onReady
        super.init()
        precondition(!loop.isClosed, "a closed EventLoop cannot watch")
        let status = uv_poll_init(loop.raw, memory.pointer, descriptor)
        if status < 0 {
            self.onReady = nil
            memory.discard()
            throw SystemError(code: -status, operation: "watch descriptor \(descriptor)")
        }
        memory.retain(self)
    }

    /// Watches exactly `readiness` from now on; the empty set stops.
    package func watch(_ readiness: Readiness) {
        guard onReady != nil, readiness != watched else { return }
        watched = readiness
        guard !readiness.isEmpty else {
            uv_poll_stop(memory.pointer)
            return
        }
        let events =
            (readiness.contains(.readable) ? Int32(UV_READABLE.rawValue) : 0)
            | (readiness.contains(.writable) ? Int32(UV_WRITABLE.rawValue) : 0)
        uv_poll_start(memory.pointer, events) { handle, status, events in
            fire(handle?.pointee.data, status: status, events: events)
        }
    }

    /// Stops watching; `onReady` is not called again. The descriptor may be closed at once.
    package func close() {
        guard onReady != nil else { return }
        onReady = nil
        watched = []
        memory.close()
    }

    override func handleFired(status: Int32, events: Int32) {
        guard let onReady else { return }
        if status < 0 {
            // libuv has stopped the handle by itself.
            let asked = watched
            watched = []
            onReady(asked)
            return
        }
        var ready: Readiness = []
        if events & Int32(UV_READABLE.rawValue) != 0 { ready.insert(.readable) }
        if events & Int32(UV_WRITABLE.rawValue) != 0 { ready.insert(.writable) }
        onReady(ready)
    }

    override func closeHandles() {
        close()
    }
}
