import Basics
import EventLoop

/// One large room: a lecture hall with its chat.
struct LectureScenario: Scenario {
    static let name = "lecture"
    static let summary = "one course of thousands: bursts, typing, people coming and going"
    static let discussion = """
        Everybody joins one course channel. Then --burst messages at once come --rate times a
        second, --typing people type, and --restless people a second close their page (with
        code 1000, so that presence shows it) and open it again.

        Each message is one delivery to everybody; so is each typing event and each change of
        presence. The state of presence that a newcomer gets grows with the room: all who come
        into a room of n get n² entries. The figure "bytes per person until joined" shows it.
        """
    static let options = [
        Option("--people", "N", default: "5000", "in the one course"),
        Option("--rate", "N", default: "1", "bursts a second"),
        Option("--burst", "N", default: "5", "messages at once, each from somebody else"),
        Option("--typing", "N", default: "2", "typing events a second, each of somebody else"),
        Option("--restless", "N", default: "1", "people a second who leave and come back; 0: none"),
        Option("--text", "BYTES", default: "100", "of a message's text, from 41, up to 4000"),
        Option("--seconds", "N", default: "10", "how long it lasts"),
        Option("--within", "SECONDS", default: "3", "target: until all 5,000 are in"),
    ]
    static let examples = [
        "psql -v rooms=1 -v members=5000 -v people=5000 -f LoadTests/prepare.sql",
        "rollcall-load lecture --secret-file .rollcall/jwt-secret --server-pid 4711",
        "rollcall-load lecture --people 1000 --burst 20 --restless 5",
    ]

    let common: CommonOptions
    let plan: SeatPlan
    let rate: Int
    let burst: Int
    let typing: Int
    let restless: Int
    let textBytes: Int
    let seconds: Int
    let withinSeconds: Double

    init(_ options: Options, _ common: CommonOptions) throws(UsageError) {
        guard !common.share.isPart else {
            throw UsageError("--processes: one lecture is one ledger; use fanout or rooms")
        }
        self.common = common
        let people = try options.integer("--people", in: 2...1_000_000)
        plan = try SeatPlan(rooms: 1, members: people, people: people)
        rate = try options.integer("--rate", in: 1...1_000)
        burst = try options.integer("--burst", in: 1...people)
        typing = try options.integer("--typing", in: 0...1_000)
        restless = try options.integer("--restless", in: 0...1_000)
        textBytes = try options.integer("--text", in: Mark.width...4_000)
        seconds = try options.integer("--seconds", in: 1...86_400)
        withinSeconds = try options.number("--within", atMost: 3_600)
    }

    var connections: Int { plan.people }

    var parameters: [(name: String, value: String)] {
        [
            ("people", "\(plan.people)"), ("rate", "\(rate)"), ("burst", "\(burst)"),
            ("typing", "\(typing)"), ("restless", "\(restless)"), ("text", "\(textBytes)"),
            ("seconds", "\(seconds)"),
        ]
    }

    func run(on loop: EventLoop, into report: inout Report) {
        let run = LectureRun(self, on: loop)
        run.start()
        loop.run()
        run.fill(&report)
    }
}
