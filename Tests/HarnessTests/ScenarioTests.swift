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

    @Test func `the defaults are those of the help`() throws {
        let fanout = try fanout([])
        let chat = try chat([])
        #expect(fanout.subscribers == 1_000)
        #expect(fanout.publishers == 1)
        #expect(fanout.beats == 200)
        #expect(chat.people == 100)
        #expect(chat.messages == 2_000)
    }

    @Test(arguments: [(40, 1), (41, 2), (200, 5)])
    func `publishers stay below what the server allows`(rate: Int, publishers: Int) throws {
        let scenario = try fanout(["--rate", "\(rate)"])
        #expect(scenario.publishers == publishers)
    }

    @Test func `seats are taken by all people in turns, each at most once in a course`() throws {
        let scenario = try chat(["--rooms", "6", "--members", "2", "--people", "4"])
        let courses = (0..<4).map { scenario.courses(of: $0) }
        #expect(courses == [[0, 2, 4], [0, 2, 4], [1, 3, 5], [1, 3, 5]])
        let seats = courses.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
        #expect(seats == [0: 2, 1: 2, 2: 2, 3: 2, 4: 2, 5: 2])
    }

    @Test func `fewer people than a course has seats are refused`() {
        #expect(throws: UsageError.self) {
            try chat(["--rooms", "6", "--members", "4", "--people", "3"])
        }
    }

    @Test func `a person sits in 100 courses and in no more`() throws {
        let most = try chat(["--rooms", "100", "--members", "2", "--people", "2"])
        #expect(most.courses(of: 0).count == 100)
        #expect(throws: UsageError.self) {
            try chat(["--rooms", "101", "--members", "2", "--people", "2"])
        }
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
