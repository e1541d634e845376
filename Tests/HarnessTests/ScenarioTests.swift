import Testing

@testable import rollcall_load

@Suite struct ScenarioTests {
    private func chat(_ words: [String]) throws -> ChatScenario {
        let options = try Options(words, for: ChatScenario.options + CommonOptions.all)
        return try ChatScenario(options, try CommonOptions(options))
    }

    private func fanout(_ words: [String]) throws -> FanoutScenario {
        let options = try Options(words, for: FanoutScenario.options + CommonOptions.all)
        return try FanoutScenario(options, try CommonOptions(options))
    }

    private func options(
        _ scenario: any Scenario.Type, _ words: [String]
    ) throws(UsageError) -> any Scenario {
        let known = scenario.options + CommonOptions.all + CommonOptions.hidden
        let options = try Options(words, for: known)
        return try scenario.init(options, try CommonOptions(options))
    }

    @Test func `every scenario runs with its defaults and teaches each flag`() throws {
        for scenario in Scenarios.all {
            let made = try options(scenario, [])
            let page = Help.page(scenario)
            #expect(made.connections > 0)
            #expect(made.parameters.isEmpty == false)
            for option in scenario.options { #expect(page.contains("  \(option.flag)")) }
        }
    }

    @Test func `names of scenarios and flags are told apart`() {
        let names = Scenarios.all.map { $0.name }
        #expect(Set(names).count == names.count)
        for scenario in Scenarios.all {
            let flags = (scenario.options + CommonOptions.all + CommonOptions.hidden).map(\.flag)
            #expect(Set(flags).count == flags.count, "\(scenario.name)")
        }
    }

    @Test(arguments: [
        ["--signal", "TERM"], ["--resume", "--signal", "HUP"], ["--resume", "--signal", "KILL"],
        ["--resume", "--signal", "TERM", "--restart-command", "true"],
        ["--restart-command", "true"],
    ])
    func `a storm that cannot be is refused`(words: [String]) {
        #expect(throws: UsageError.self) { try options(StormScenario.self, words) }
    }

    @Test func `a storm disturbs as it is told, and one process for all`() throws {
        let words = ["--resume", "--restart-command", "restart", "--share"]
        let first = try options(StormScenario.self, words + ["0/2"]) as? StormScenario
        let second = try options(StormScenario.self, words + ["1/2"]) as? StormScenario
        let cut = try options(StormScenario.self, ["--resume"]) as? StormScenario
        #expect(first?.disturbance == .command("restart"))
        #expect(second?.disturbance == .command(":"))
        #expect(cut?.disturbance == .cut)
    }

    @Test func `parts of a run have people and rooms of their own`() throws {
        let part = try options(RoomsScenario.self, ["--share", "1/2"]) as? RoomsScenario
        let jitter = try options(JitterScenario.self, ["--share", "1/2"]) as? JitterScenario
        #expect(part?.connections == 5_000)
        #expect(part?.common.person(0) == "load-5001")
        #expect(jitter?.common.course(0) == "course:load-16")
        #expect(throws: UsageError.self) { try options(LectureScenario.self, ["--share", "0/2"]) }
    }

    @Test func `one process of a fan-out publishes what the others expect`() throws {
        let words = ["--rate", "100", "--burst", "10", "--seconds", "3", "--share"]
        let first = try options(FanoutScenario.self, words + ["0/2"]) as? FanoutScenario
        let second = try options(FanoutScenario.self, words + ["1/2"]) as? FanoutScenario
        let expected = try #require(second)
        let sum = (0..<expected.publishers).reduce(0) { $0 + expected.messages(of: $1) }
        #expect(first?.connections == 503)
        #expect(expected.connections == 500)
        #expect(sum == 300)
    }

    @Test func `the defaults are those of the help`() throws {
        let fanout = try fanout([])
        let chat = try chat([])
        #expect(fanout.subscribers == 1_000)
        #expect(fanout.publishers == 1)
        #expect(fanout.beats == 200)
        #expect(chat.plan.people == 100)
        #expect(chat.messages == 2_000)
    }

    @Test(arguments: [(40, 1), (41, 2), (200, 5)])
    func `publishers stay below what the server allows`(rate: Int, publishers: Int) throws {
        let scenario = try fanout(["--rate", "\(rate)"])
        #expect(scenario.publishers == publishers)
    }

    @Test func `more connections than descriptors or ports are refused`() {
        let fits = Fleet.obstacle(to: 936, openFiles: 1_000, spreadsAddresses: false)
        let files = Fleet.obstacle(to: 937, openFiles: 1_000, spreadsAddresses: false)
        let ports = Fleet.obstacle(to: 20_001, openFiles: 100_000, spreadsAddresses: false)
        let spread = Fleet.obstacle(to: 20_001, openFiles: 100_000, spreadsAddresses: true)
        #expect(fits == nil)
        #expect(files?.contains("1001 descriptors") == true)
        #expect(ports?.contains("--loopback-addresses") == true)
        #expect(spread == nil)
    }

    @Test func `a payload is as long as asked for`() {
        for size in [BroadcastTemplate.leastPayloadBytes, 100, 1_000] {
            let payload = BroadcastTemplate(payloadBytes: size).payload(
                Mark(stream: 0, number: 0, dueNanoseconds: 0))
            let around = #"{"type":"broadcast","event":"load","payload":}"#.utf8.count
            #expect(payload.count == size + around)
        }
    }
}
