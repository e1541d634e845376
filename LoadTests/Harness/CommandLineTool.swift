import Basics
import EventLoop
import Glibc

/// The program: finds the scenario, runs it, reports.
enum CommandLineTool {
    /// EX_USAGE of `sysexits.h`; 0, 1 and 2 are verdicts on a run (``Report/exitCode``).
    static let usageExitCode: Int32 = 64

    static func run(_ words: [String]) -> Int32 {
        guard let word = words.first, word != "--help", word != "-h" else {
            Terminal.print(Help.overview(Scenarios.all))
            return words.isEmpty ? usageExitCode : 0
        }
        do throws(UsageError) {
            if word == "compare" { return try Comparison.run(Array(words.dropFirst())) }
            if word == "peers" { return try PeerTable.run(Array(words.dropFirst())) }
            return try runScenario(try withScenarioFile(words))
        } catch {
            Terminal.warn("rollcall-load: \(error.line)\n")
            return usageExitCode
        }
    }

    /// `--scenario FILE [flags]`, with the file's words in place of the first two.
    private static func withScenarioFile(_ words: [String]) throws(UsageError) -> [String] {
        guard words.first == "--scenario" else { return words }
        guard words.count > 1 else { throw UsageError("--scenario: expected FILE") }
        return try ScenarioFile.words(of: words[1], with: Array(words.dropFirst(2)))
    }

    private static func runScenario(_ words: [String]) throws(UsageError) -> Int32 {
        guard let scenario = Scenarios.all.first(where: { $0.name == words[0] }) else {
            let names = Scenarios.all.map { $0.name }.joined(separator: ", ")
            throw UsageError("unknown scenario \(words[0]); there are \(names), and compare")
        }
        let rest = Array(words.dropFirst())
        if rest.contains("--help") || rest.contains("-h") {
            Terminal.print(Help.page(scenario))
            return 0
        }
        return try run(scenario, rest)
    }

    private static func run(
        _ type: any Scenario.Type, _ words: [String]
    ) throws(UsageError) -> Int32 {
        let known = type.options + CommonOptions.all + CommonOptions.hidden
        let options = try Options(words, for: known)
        let common = try CommonOptions(options)
        let scenario = try type.init(options, common)
        let machine = MachineFacts.read(commit: common.commit)
        var report = Report(
            scenario: type.name, label: common.label, machine: machine,
            parameters: scenario.parameters)
        let loop = EventLoop()
        if common.processes > 1 {
            report.parameters.append(("processes", "\(common.processes)"))
            let generators = Generators(
                loop: loop, scenario: type.name, words: words, processes: common.processes)
            try generators.run(into: &report)
            report.judgeMerged(common)
        } else {
            if let obstacle = Fleet.obstacle(
                to: scenario.connections, openFiles: machine.openFiles,
                spreadsAddresses: common.spreadsAddresses)
            {
                throw UsageError(obstacle)
            }
            scenario.run(on: loop, into: &report)
        }
        let time = loop.wallClock
        loop.close()
        return try tell(report, common, at: time)
    }

    private static func tell(
        _ report: Report, _ common: CommonOptions, at time: Timestamp
    ) throws(UsageError) -> Int32 {
        guard !common.share.isPart else {
            Terminal.print(String(decoding: Findings.line(of: report), as: UTF8.self))
            return 0
        }
        Terminal.print(common.printsMarkdown ? report.markdown : report.table)
        if let file = common.jsonFile, !report.append(to: file, at: time) {
            throw UsageError("--json: \(file) cannot be written")
        }
        if let file = common.htmlFile, !report.writePage(to: file, at: time) {
            throw UsageError("--html: \(file) cannot be written")
        }
        return report.exitCode
    }
}
