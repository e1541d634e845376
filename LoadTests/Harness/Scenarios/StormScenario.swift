import Basics
import EventLoop
import Glibc

/// Everybody at once: after a deploy, at the full hour, when the network comes back.
struct StormScenario: Scenario {
    static let name = "storm"
    static let summary = "everybody connects at once: time until all are in, nothing lost"
    static let discussion = """
        People connect as fast as the server lets them and join --topics course channels each,
        while messages are published all the time. The figures are how long it took until the
        last was in, and for each person from the start to the last answer (return). The ledger
        holds everybody to what was published since their first join.

        With --resume they come in calmly first, then lose their connections all at once and
        come back with their positions: their sockets are cut without a word, or the server is
        restarted by --restart-command or --signal (which needs --server-pid and somebody who
        starts it again). --stay people keep theirs when sockets are cut, and go on publishing.
        Each waits up to --pause milliseconds, at random, before it comes back, and between
        two attempts.

        The courses have to exist: see the first example, with rooms = people × topics / members.
        """
    static let options = [
        Option("--people", "N", default: "1000", "connections"),
        Option("--topics", "N", default: "5", "courses that each person joins, up to 100"),
        Option("--members", "N", default: "20", "people in each course"),
        Option("--rate", "N", default: "20", "messages a second, over all courses, meanwhile"),
        Option("--text", "BYTES", default: "100", "of a message's text, from 41, up to 4000"),
        Option("--seconds", "N", default: "2", "goes on so long after the last is in"),
        Option("--resume", nil, "come in calmly, lose the connection, come back"),
        Option("--stay", "N", default: "10", "with --resume: people whose sockets are not cut"),
        Option("--restart-command", "CMD", "with --resume: a shell command instead of cutting"),
        Option("--signal", "NAME", "with --resume: TERM or KILL to --server-pid instead of it"),
        Option("--pause", "MS", default: "1000", "the longest wait before coming back"),
        Option("--within", "SECONDS", default: "10", "target: until all are in"),
        Option("--seed", "N", default: "1", "for the pauses"),
    ]
    static let examples = [
        "psql -v rooms=250 -v members=20 -v people=1000 -f LoadTests/prepare.sql",
        "rollcall-load storm --secret-file .rollcall/jwt-secret --server-pid 4711",
        "rollcall-load storm --resume --restart-command 'systemctl restart rollcall'",
    ]

    /// What ends everybody's connection.
    enum Disturbance: Equatable, Sendable {
        /// Nothing: they come for the first time.
        case none
        case cut
        case command(String)
        case signal(Int32)
    }

    let common: CommonOptions
    let plan: SeatPlan
    let rate: Int
    let textBytes: Int
    let seconds: Int
    let stay: Int
    let pauseMs: Int
    let disturbance: Disturbance
    let withinSeconds: Double
    let seed: UInt64

    init(_ options: Options, _ common: CommonOptions) throws(UsageError) {
        let people = try common.share.part(
            of: try options.integer("--people", in: 1...1_000_000), "--people")
        plan = try SeatPlan(
            people: people, topics: try options.integer("--topics", in: 1...100),
            members: try options.integer("--members", in: 1...100_000))
        var common = common
        common.personBase = common.share.index * plan.people
        common.roomBase = common.share.index * plan.rooms
        self.common = common
        rate = try common.share.part(
            of: try options.integer("--rate", in: 1...100_000), "--rate")
        textBytes = try options.integer("--text", in: Mark.width...4_000)
        seconds = try options.integer("--seconds", in: 1...3_600)
        stay = min(try options.integer("--stay", in: 0...1_000_000), plan.people)
        pauseMs = try options.integer("--pause", in: 1...600_000)
        withinSeconds = try options.number("--within", atMost: 3_600)
        seed = UInt64(try options.integer("--seed", in: 0...Int.max))
        disturbance = try StormScenario.disturbance(options, common)
    }

    private static func disturbance(
        _ options: Options, _ common: CommonOptions
    ) throws(UsageError) -> Disturbance {
        let command = options.text("--restart-command")
        let signal = options.text("--signal")
        guard options.isGiven("--resume") else {
            guard command == nil, signal == nil else {
                throw UsageError("--restart-command and --signal need --resume")
            }
            return .none
        }
        // One process restarts the server; the others lose their connections all the same.
        if common.share.index > 0, command != nil || signal != nil { return .command(":") }
        switch (command, signal) {
        case (nil, nil): return .cut
        case (let command?, nil): return .command(command)
        case (nil, "TERM"?): return try .signal(SIGTERM, common)
        case (nil, "KILL"?): return try .signal(SIGKILL, common)
        case (nil, let name?): throw UsageError("--signal: found \(name), expected TERM or KILL")
        case (_?, _?): throw UsageError("--restart-command and --signal exclude each other")
        }
    }

    var connections: Int { plan.people }

    var parameters: [(name: String, value: String)] {
        let how =
            switch disturbance {
            case .none: "first arrival"
            case .cut: "sockets cut, \(stay) stay"
            case .command: "restart by command"
            case .signal(let signal): "signal \(signal)"
            }
        return [
            ("people", "\(plan.people * common.share.count)"),
            ("topics", "\(plan.seats / plan.people)"), ("members", "\(plan.members)"),
            ("rate", "\(rate * common.share.count)"), ("text", "\(textBytes)"), ("storm", how),
            ("pause", "\(pauseMs)"), ("seed", "\(seed)"),
        ]
    }

    func run(on loop: EventLoop, into report: inout Report) {
        let run = StormRun(self, on: loop)
        run.start()
        loop.run()
        run.fill(&report)
    }
}

extension StormScenario.Disturbance {
    fileprivate static func signal(
        _ signal: Int32, _ common: CommonOptions
    ) throws(UsageError) -> StormScenario.Disturbance {
        guard common.serverProcess != nil else { throw UsageError("--signal needs --server-pid") }
        return .signal(signal)
    }
}
