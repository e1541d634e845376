import Basics
import EventLoop

/// Durable messages in course channels: what an acknowledgement costs, and whether it is kept.
struct ChatScenario: Scenario {
    static let name = "chat"
    static let summary = "durable messages in courses: acknowledgements, order, losses"
    static let discussion = """
        People join course channels and send messages there, in turns. Each is acknowledged
        after its commit and delivered to all members, the sender too. The ledger holds every
        member of every course to seq n+1, n+2, … up to the last acknowledged one.

        The open loop (--rate) counts latency from when a message was due. With --max the loop
        is closed: --window messages are under way at any time, and the figure is how many are
        acknowledged a second.

        Person load-<p>, from 1, sits in course load-<r>, from 1, as LoadTests/prepare.sql
        enrols them: --rooms courses of --members each, from --people persons. With fewer people
        than seats a person sits in several courses, on one connection.

        The server allows a person 60 messages a minute in one course, and 50 events a second on
        a connection. Beyond that messages are refused, counted as retries, and sent again when
        the server says; so for a high rate use many seats (rooms × members) and enough people.
        """
    static let options = [
        Option("--rooms", "N", default: "10", "courses, load-1 to load-N"),
        Option("--members", "N", default: "10", "seats in each course"),
        Option("--people", "N", "persons, so connections; otherwise one for each seat"),
        Option("--rate", "N", default: "200", "messages a second, over all courses"),
        Option("--text", "BYTES", default: "100", "of a message's text, from 41, up to 4000"),
        Option("--seconds", "N", default: "10", "how long messages are sent"),
        Option("--max", nil, "closed loop: as fast as acknowledgements come"),
        Option("--window", "N", default: "256", "with --max: messages under way at any time"),
    ]
    static let examples = [
        "psql -v rooms=10 -v members=10 -v people=100 -f LoadTests/prepare.sql",
        "rollcall-load chat --secret-file .rollcall/jwt-secret",
        "rollcall-load chat --rooms 800 --members 2 --people 200 --max",
    ]

    let common: CommonOptions
    let plan: SeatPlan
    let rate: Int
    let textBytes: Int
    let seconds: Int
    let isClosedLoop: Bool
    let window: Int

    init(_ options: Options, _ common: CommonOptions) throws(UsageError) {
        let share = common.share
        let rooms = try share.part(of: try options.integer("--rooms", in: 1...99_999), "--rooms")
        let members = try options.integer("--members", in: 1...100_000)
        let people =
            options.isGiven("--people")
            ? try share.part(
                of: try options.integer("--people", in: members...rooms * members * share.count),
                "--people") : rooms * members
        plan = try SeatPlan(rooms: rooms, members: members, people: people)
        var common = common
        common.personBase = share.index * people
        common.roomBase = share.index * rooms
        self.common = common
        rate = try share.part(of: try options.integer("--rate", in: 1...1_000_000), "--rate")
        textBytes = try options.integer("--text", in: Mark.width...4_000)
        seconds = try options.integer("--seconds", in: 1...86_400)
        isClosedLoop = options.isGiven("--max")
        window = try options.integer("--window", in: 1...100_000)
    }

    var connections: Int { plan.people }

    var messages: Int { rate * seconds }

    var parameters: [(name: String, value: String)] {
        [
            ("rooms", "\(plan.rooms * common.share.count)"), ("members", "\(plan.members)"),
            ("people", "\(plan.people * common.share.count)"),
            isClosedLoop
                ? ("window", "\(window)") : ("rate", "\(rate * common.share.count)"),
            ("text", "\(textBytes)"), ("seconds", "\(seconds)"),
        ]
    }

    func run(on loop: EventLoop, into report: inout Report) {
        let run = ChatRun(self, on: loop)
        run.start()
        loop.run()
        run.fill(&report)
    }
}
