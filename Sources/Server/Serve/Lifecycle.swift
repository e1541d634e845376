import Basics
import EventLoop
import Gateway

/// The server's life on the main thread: starts the loops, opens the port when all of them have
/// storage, and brings them down on a signal.
final class Lifecycle {
    private let options: GatewayOptions
    private let database: String
    private let onReady: (UInt16) -> Void
    private let loop = EventLoop()
    private let switchboard = Switchboard()
    private let board = MetricsBoard()
    private var threads: [LoopThread] = []
    private var opened: Set<Int> = []
    private var listening: Set<Int> = []
    private var failure: Failure?
    private var isDraining = false

    /// What a loop tells the main thread.
    enum Report: Sendable {
        /// The loop has storage.
        case opened(Int)
        case listening(Int, port: UInt16)
        case cannotListen(SystemError)
    }

    init(options: GatewayOptions, database: String, onReady: @escaping (UInt16) -> Void) {
        self.options = options
        self.database = database
        self.onReady = onReady
    }

    /// Returns when every loop has ended.
    func run() throws(Failure) -> ExitCode {
        let reports = Mailbox<Report>(loop: loop) { [unowned self] batch in
            for report in batch { receive(report) }
        }
        let watcher = try watchSignals()
        for index in 0..<options.loops {
            threads.append(
                LoopServer.start(
                    index, options, database: database, switchboard, board, reports: reports))
        }
        loop.run()
        for thread in threads { thread.join() }
        watcher.close()
        loop.close()
        if let failure { throw failure }
        return .success
    }

    private func watchSignals() throws(Failure) -> SignalWatcher {
        do {
            return try SignalWatcher(loop: loop, signals: [.terminate, .interrupt]) {
                [unowned self] _ in drain()
            }
        } catch {
            throw .unavailable("cannot watch signals: \(error)")
        }
    }

    private func receive(_ report: Report) {
        switch report {
        case .opened(let index):
            // The first loop settles the port, which may be any; the others share it.
            guard opened.insert(index).inserted, opened.count == options.loops else { return }
            switchboard.post(0, .listen(port: options.port))
        case .listening(let index, let port):
            listening.insert(index)
            if index == 0 {
                for other in 1..<max(1, options.loops) {
                    switchboard.post(other, .listen(port: port))
                }
            }
            if listening.count == options.loops && !isDraining { onReady(port) }
        case .cannotListen(let error):
            failure = .unavailable("\(options.host):\(options.port): \(error)")
            drain()
        }
    }

    private func drain() {
        guard !isDraining else { return }
        isDraining = true
        options.log.info("draining: clients are told to come back")
        for index in 0..<options.loops { switchboard.post(index, .drain) }
        loop.stop()
    }
}
