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
        let rest = words.dropFirst()
        do throws(UsageError) {
            if word == "compare" { return try Comparison.run(Array(rest)) }
            guard let scenario = Scenarios.all.first(where: { $0.name == word }) else {
                let names = Scenarios.all.map { $0.name }.joined(separator: ", ")
                throw UsageError("unknown scenario \(word); there are \(names), and compare")
            }
            if rest.contains("--help") || rest.contains("-h") {
                Terminal.print(Help.page(scenario))
                return 0
            }
            return try run(scenario, rest)
        } catch {
            Terminal.warn("rollcall-load: \(error.line)\n")
            return usageExitCode
        }
    }

    private static func run(
        _ type: any Scenario.Type, _ words: ArraySlice<String>
    ) throws(UsageError) -> Int32 {
        let options = try Options(words, for: type.options + CommonOptions.all)
        let common = try CommonOptions(options)
        let scenario = try type.init(options, common)
        let machine = MachineFacts.read(commit: common.commit)
        if let obstacle = Fleet.obstacle(
            to: scenario.connections, openFiles: machine.openFiles,
            spreadsAddresses: common.spreadsAddresses)
        {
            throw UsageError(obstacle)
        }
        var report = Report(
            scenario: type.name, label: common.label, machine: machine,
            parameters: scenario.parameters)
        let loop = EventLoop()
        scenario.run(on: loop, into: &report)
        let time = loop.wallClock
        loop.close()
        Terminal.print(common.printsMarkdown ? report.markdown : report.table)
        if let file = common.jsonFile, !report.append(to: file, at: time) {
            throw UsageError("--json: \(file) cannot be written")
        }
        return report.exitCode
    }
}
