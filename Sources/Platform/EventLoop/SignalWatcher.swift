import CLibuv
import Glibc

/// What an operator or the system asks of a server process.
package enum ProcessSignal: CaseIterable, Sendable {
    /// Drain and end: service managers and `kill`.
    case terminate
    /// End: Ctrl-C.
    case interrupt
    /// Read the configuration again.
    case hangup

    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangup: SIGHUP
        }
    }

    var name: String {
        switch self {
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .hangup: "SIGHUP"
        }
    }
}

/// Turns signals of the whole process into calls on one loop. Watching does not keep the loop
/// running.
package final class SignalWatcher: LoopResource {
    private var handles: [(signal: ProcessSignal, memory: HandleMemory<uv_signal_t>)] = []
    /// Nil once closed, which also frees what the closure holds.
    private var onSignal: ((ProcessSignal) -> Void)?

    /// Watches `signals` until closed; meanwhile they no longer end the process.
    package init(
        loop: EventLoop, signals: [ProcessSignal] = ProcessSignal.allCases,
        onSignal: @escaping (ProcessSignal) -> Void
    ) throws(SystemError) {
        self.onSignal = onSignal
        super.init()
        precondition(!loop.isClosed, "a closed EventLoop cannot watch")
        for signal in signals {
            let memory = HandleMemory<uv_signal_t>()
            uv_signal_init(loop.raw, memory.pointer)
            memory.retain(self)
            handles.append((signal, memory))
            let status = uv_signal_start(memory.pointer, signalArrived, signal.number)
            if status < 0 {
                close()
                throw SystemError(code: -status, operation: "watch \(signal.name)")
            }
            uv_unref(memory.base)
        }
    }

    /// Gives the signals their old meaning back. Repeating it changes nothing.
    package func close() {
        for handle in handles { handle.memory.close() }
        handles = []
        onSignal = nil
    }

    override func handleFired(status: Int32, events: Int32) {
        // A signal that arrived while a watcher of the same turn closed this one is dropped.
        guard let handle = handles.first(where: { $0.signal.number == events }) else { return }
        onSignal?(handle.signal)
    }

    override func closeHandles() {
        close()
    }
}

private nonisolated func signalArrived(_ handle: UnsafeMutablePointer<uv_signal_t>?, number: Int32)
{
    fire(handle?.pointee.data, events: number)
}
