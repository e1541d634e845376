import Basics
import EventLoop

/// One kind of load. A scenario is one file in this folder and one line in ``Scenarios``.
protocol Scenario {
    /// The word on the command line.
    static var name: String { get }
    /// One line for the list.
    static var summary: String { get }
    /// What it does and what its figures mean, in lines of at most 80 columns.
    static var discussion: String { get }
    /// Its own flags, beside ``CommonOptions``.
    static var options: [Option] { get }
    static var examples: [String] { get }

    init(_ options: Options, _ common: CommonOptions) throws(UsageError)

    /// Sockets it needs, so that what cannot work is refused before it begins.
    var connections: Int { get }

    /// What was asked for, for the report.
    var parameters: [(name: String, value: String)] { get }

    /// Runs to the end and fills the report.
    func run(on loop: EventLoop, into report: inout Report)
}

/// The list of what there is.
enum Scenarios {
    static var all: [any Scenario.Type] {
        [
            FanoutScenario.self, ChatScenario.self, IdleScenario.self, StormScenario.self,
            JitterScenario.self, LectureScenario.self, RoomsScenario.self, RampScenario.self,
            SlowScenario.self,
        ]
    }
}

/// When a run means nothing.
enum Validity {
    /// Above it the generator may be what is measured. One thread does all its work.
    static let mostGeneratorShare = 0.8

    /// Of what was to be sent, this much must have been; else the generator could not keep up.
    static let leastPublishedShare = 0.95

    /// What is wrong with how the crowd came together and stayed: everybody, or as many as are
    /// `wanted` of a run that may end before all have come.
    static func flaws(of crowd: Crowd, wanted: Int? = nil) -> [String] {
        var flaws: [String] = []
        let wanted = wanted ?? crowd.fleet.clients.count
        if crowd.fleet.openLatency.isEmpty {
            flaws.append("nobody connected")
        } else if crowd.joinedCount < wanted {
            flaws.append("only \(crowd.joinedCount) of \(wanted) connections stayed joined")
        }
        for (reason, count) in crowd.refusals.sorted(by: { $0.key < $1.key }) {
            flaws.append("\(count) joins were refused: \(reason)")
        }
        for (reason, count) in crowd.fleet.endings.sorted(by: { $0.key < $1.key }) {
            flaws.append("\(count) connections ended: \(reason)")
        }
        return flaws
    }

    /// What is wrong with how the generator kept up.
    static func flaws(
        published: Int, intended: Int, lateness: Histogram, mostLatenessMs: Double,
        generatorShare: Double
    ) -> [String] {
        var flaws: [String] = []
        if published == 0 {
            flaws.append("nothing was published")
        } else if Double(published) < Double(intended) * leastPublishedShare {
            flaws.append("only \(published) of \(intended) messages were sent")
        }
        if generatorShare > mostGeneratorShare {
            flaws.append(
                "the generator used \((generatorShare * 100).short) % of its core, at most "
                    + "\((mostGeneratorShare * 100).short) %: it may be what was measured")
        }
        let late = lateness.percentile(99).inMs
        if late > mostLatenessMs {
            flaws.append(
                "the generator sent \(late.short) ms late at p99, at most "
                    + "\(mostLatenessMs.short) ms (--max-lateness)")
        }
        return flaws
    }
}

extension CommonOptions {
    var server: ProcessProbe? { serverProcess.map(ProcessProbe.init) }

    /// Path and query of a Phoenix socket for `person`.
    func socketPath(for person: String) -> String {
        let token = tokens.token(for: person).map { "&token=\($0)" } ?? ""
        return "/socket/websocket?vsn=2.0.0\(token)"
    }
}
