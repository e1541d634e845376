import Basics
import EventLoop
import Glibc
import JSON

/// Several generator processes that share the work of one run.
///
/// This process starts itself again, as often as `--processes` says, and waits. Each does an
/// equal part with descriptors, ports and a core of its own. What they say comes as lines of
/// JSON: that their people are in, and at the end what they found. The first one alone looks at
/// the server's process, and its progress is shown.
final class Generators {
    private final class Part {
        var process: ChildProcess?
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var isReady = false
        var hasEnded = false
    }

    /// Flags for whoever judges and reports, and those that only one may use.
    private static let ownFlags = [
        "--processes", "--json", "--html", "--max-lost", "--max-cpu",
    ]
    private static let ownSwitches = ["--markdown"]

    private let loop: EventLoop
    private let scenario: String
    private let words: [String]
    private let parts: [Part]
    private var startDescriptor: Int32 = -1
    private var startSwitch: Int32 = -1
    private var troubles: [String] = []

    init(loop: EventLoop, scenario: String, words: [String], processes: Int) {
        self.loop = loop
        self.scenario = scenario
        self.words = words
        parts = (0..<processes).map { _ in Part() }
    }

    /// Runs all parts to their ends and merges what they found.
    func run(into report: inout Report) throws(UsageError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw UsageError("--processes: no pipe can be made") }
        startDescriptor = ends[0]
        startSwitch = ends[1]
        // The processes wait for the end of the pipe; nobody but us may hold it open.
        _ = fcntl(startSwitch, F_SETFD, FD_CLOEXEC)
        defer { close(startDescriptor) }
        for index in parts.indices { start(index) }
        loop.run()
        openBarrier()
        var reports: [Report] = []
        for (index, part) in parts.enumerated() {
            guard let found = findings(of: part, like: report) else {
                let said = String(decoding: part.errors.suffix(300), as: UTF8.self)
                throw UsageError("process \(index) of \(parts.count) told nothing: \(said)")
            }
            reports.append(found)
        }
        report.merge(reports)
        report.flaws += troubles
    }

    /// The words of part number `index`.
    static func words(_ words: [String], index: Int, count: Int, descriptor: Int32) -> [String] {
        var kept: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            let flag = String(word.split(separator: "=", maxSplits: 1).first ?? "")
            let isOwn = ownFlags.contains(flag) || (flag == "--server-pid" && index > 0)
            guard isOwn || ownSwitches.contains(flag) else {
                kept.append(word)
                continue
            }
            // The value stands behind its flag unless it is part of the word.
            if isOwn, !word.contains("=") { rest = rest.dropFirst() }
        }
        return kept + [Share.flag, "\(index)/\(count)", Share.startFlag, "\(descriptor)"]
    }

    private func start(_ index: Int) {
        let part = parts[index]
        var launch = ChildProcess.Launch(
            "/proc/self/exe",
            [scenario]
                + Generators.words(
                    words, index: index, count: parts.count, descriptor: startDescriptor))
        launch.output = .captured { [unowned self] bytes in
            part.output += Array(bytes)
            noteReady(part)
        }
        launch.errors =
            index == 0 ? .inherited : .captured { bytes in part.errors += Array(bytes) }
        do throws(SystemError) {
            part.process = try ChildProcess(loop: loop, launch) { [unowned self] _ in
                part.hasEnded = true
                noteReady(part)
                if parts.allSatisfy({ $0.hasEnded }) { loop.stop() }
            }
        } catch {
            part.hasEnded = true
            troubles.append("process \(index) did not start: \(error.message)")
            if parts.allSatisfy({ $0.hasEnded }) { loop.perform { self.loop.stop() } }
        }
    }

    /// Who has ended is not waited for.
    private func noteReady(_ part: Part) {
        let line = Array(CommonOptions.readyLine.utf8)
        part.isReady = part.hasEnded || part.output.starts(with: line)
        if parts.allSatisfy({ $0.isReady }) { openBarrier() }
    }

    private func openBarrier() {
        guard startSwitch >= 0 else { return }
        close(startSwitch)
        startSwitch = -1
    }

    private func findings(of part: Part, like report: Report) -> Report? {
        guard let line = part.output.split(separator: UInt8(ascii: "\n")).last else { return nil }
        do throws(JSONError) {
            let value = try JSONValue.parse(Array(line))
            var found = report
            return Findings.read(value, into: &found) ? found : nil
        } catch {
            troubles.append("unreadable: \(error)")
            return nil
        }
    }
}
