import EventLoop

/// The line that shows how far a run is.
///
/// On a terminal it is drawn over itself five times a second; elsewhere, such as in the log of an
/// automatic run, a plain line comes every few seconds.
final class Progress {
    private static let terminalInterval: Duration = .milliseconds(200)
    private static let plainInterval: Duration = .seconds(5)

    private var timer: LoopTimer?
    private var shown = ""

    init() {}

    /// Asks `line` for what to show until ``finish()``.
    func start(on loop: EventLoop, line: @escaping () -> String) {
        let interval =
            Terminal.errorIsTerminal ? Progress.terminalInterval : Progress.plainInterval
        timer = loop.schedule(after: interval, repeating: interval) { [weak self] in
            self?.show(line())
        }
    }

    func finish() {
        timer?.cancel()
        timer = nil
        if Terminal.errorIsTerminal, !shown.isEmpty { Terminal.warn("\r\u{1B}[K") }
    }

    private func show(_ line: String) {
        guard line != shown else { return }
        shown = line
        Terminal.warn(Terminal.errorIsTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n")
    }
}
