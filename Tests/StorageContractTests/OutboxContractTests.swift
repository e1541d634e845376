import EventLoop
import PubSub
import Resume
import TestSupport
import Testing

/// What applications publish, for every implementation.
@Suite(.serialized) struct OutboxContractTests {
    private let course = named("course:1")

    @Test(arguments: Implementation.allCases)
    func `what is published reaches the log in order and is reported`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            for number in 1...5 {
                world.publish(
                    to: "course:1", from: "ana", body: #"{"n": \#(number)}"#, clientID: nil)
            }
            world.publish(to: "course:2", from: "", body: "{}", clientID: "hello")
            var reported: Set<TopicName> = []
            world.loop.wait {
                reported.formUnion(storage.takePublished())
                return reported.count == 2
            }
            #expect(reported == [course, named("course:2")])
            // Reported is committed, but a first report may have come before the last row.
            world.loop.wait {
                reported.formUnion(storage.takePublished())
                return (try? world.head(of: self.course, in: storage).seq) == 5
            }
            let entries = try world.entries(of: course, in: storage)
            let bodies = entries.map { String(decoding: $0.body, as: UTF8.self) }
            #expect(bodies == (1...5).map { #"{"n": \#($0)}"# })
            #expect(entries.allSatisfy { $0.sender == "ana" && $0.kind == .post })
            let hello = try world.entries(of: named("course:2"), in: storage)
            #expect(hello.map(\.clientID) == ["hello"])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `published twice under one client id is stored once, and never blocks the rest`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            world.publish(to: "course:1", from: "ana", body: #"{"n": 1}"#, clientID: "a")
            world.publish(to: "course:1", from: "ana", body: #"{"n": 1}"#, clientID: "a")
            world.publish(to: "course:1", from: "ana", body: #"{"n": 2}"#, clientID: "a")
            world.publish(to: "course:2", from: "ana", body: #"{"n": 3}"#, clientID: "b")
            var reported: Set<TopicName> = []
            world.loop.wait {
                reported.formUnion(storage.takePublished())
                return reported.contains(named("course:2"))
            }
            let entries = try world.entries(of: course, in: storage)
            let bodies = entries.map { String(decoding: $0.body, as: UTF8.self) }
            #expect(bodies == [#"{"n": 1}"#])
        }
    }
}
