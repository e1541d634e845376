import EventLoop
import PubSub
import Resume
import RoomContract
import TestSupport
import Testing

/// Both sides of what one call of a port may ask.
@Suite(.serialized) struct LimitContractTests {
    @Test(arguments: Implementation.allCases)
    func `the largest requests are answered`(implementation: Implementation) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let batch = (0..<MessageLogLimit.drafts).map { post("\($0)", in: topic) }
            let verdicts = try world.append(batch, to: storage)
            #expect(verdicts.last?.receipt?.seq == Int64(MessageLogLimit.drafts))
            let topics = (0..<MessageLogLimit.topics).map { named("course:\($0)") }
            let heads = try world.heads(of: topics, in: storage)
            #expect(heads.count == MessageLogLimit.topics)
            let pairs = (0..<AccessQuery.mostPerRequest).map { ("p\($0)", "course:1") }
            let facts = try world.facts(for: pairs, in: storage)
            #expect(facts.count == AccessQuery.mostPerRequest)
        }
    }

    @Test func `one draft more is the caller's mistake`() async {
        await #expect(processExitsWith: .failure) {
            let batch = (0...MessageLogLimit.drafts).map { post("\($0)", in: topic) }
            World.make(.memory).open().log.append(batch) { _ in }
        }
    }

    @Test func `one head more is the caller's mistake`() async {
        await #expect(processExitsWith: .failure) {
            let topics = (0...MessageLogLimit.topics).map { named("course:\($0)") }
            World.make(.memory).open().log.heads(of: topics) { _ in }
        }
    }

    @Test func `one question more is the caller's mistake`() async {
        await #expect(processExitsWith: .failure) {
            let queries = (0...AccessQuery.mostPerRequest).map {
                AccessQuery(person: "p\($0)", topic: topic)
            }
            World.make(.memory).open().directory.facts(for: queries) { _ in }
        }
    }
}

private let topic = named("course:1")
