import Basics
import EventLoop
import PubSub
import Resume
import RoomContract
import TestSupport
import Testing

/// The promises of ``AccessDirectory`` and of following its changes, for every implementation.
@Suite(.serialized) struct AccessContractTests {
    @Test(arguments: Implementation.allCases)
    func `facts come in the order asked, one for each question`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            world.setProfile(of: "ana", name: "Ana Souza", role: .student)
            world.setProfile(of: "hugo", name: "Hugo Ferreira", role: .agent)
            world.setProfile(of: "ines", name: "Inês Carvalho", role: .admin)
            world.addCourse("1")
            world.enrol("ana", in: "1", as: .student, endsAt: nil)
            world.enrol("ines", in: "1", as: .student, endsAt: nil)
            world.enrol("nobody", in: "1", as: .assistant, endsAt: nil)
            let expectations: [(String, String, AccessFacts)] = [
                ("ana", "course:1", .init(.student, "Ana Souza")),
                ("ana", "course:2", .init(nil, "Ana Souza", topicExists: false)),
                ("ana", "crm:1", .init(nil, "Ana Souza")),
                ("ana", "user:ana", .init(nil, "Ana Souza")),
                ("hugo", "course:1", .init(nil, "Hugo Ferreira")),
                ("hugo", "crm:1", .init(.agent, "Hugo Ferreira")),
                ("ines", "course:1", .init(.admin, "Inês Carvalho")),
                ("ines", "course:2", .init(.admin, "Inês Carvalho", topicExists: false)),
                ("ines", "crm:1", .init(.admin, "Inês Carvalho")),
                ("ines", "user:ana", .init(nil, "Inês Carvalho")),
                ("nobody", "course:1", .init(.assistant, nil)),
                ("stranger", "course:1", .init(nil, nil)),
                ("ana", "course:1", .init(.student, "Ana Souza")),
                ("ana", "course", .init(nil, "Ana Souza", topicExists: false)),
            ]
            let facts = try world.facts(for: expectations.map { ($0.0, $0.1) }, in: storage)
            for (fact, (person, topic, expected)) in zip(facts, expectations) {
                #expect(fact == expected, "\(person) in \(topic)")
            }
            #expect(facts.count == expectations.count)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `an enrolment counts until its end and says when that is`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            world.addCourse("1")
            let now = world.loop.wallClock
            let hourAway = Timestamp(secondsSince1970: now.microseconds / 1_000_000 + 3_600)
            let justOver = Timestamp(secondsSince1970: now.microseconds / 1_000_000 - 1)
            world.enrol("ana", in: "1", as: .student, endsAt: hourAway)
            world.enrol("ben", in: "1", as: .student, endsAt: justOver)
            let facts = try world.facts(
                for: [("ana", "course:1"), ("ben", "course:1")], in: storage)
            #expect(facts[0] == .init(.student, nil, validUntil: hourAway))
            #expect(facts[1] == .init(nil, nil))
        }
    }

    @Test(arguments: Implementation.allCases)
    func `every server hears of every change, once`(implementation: Implementation) {
        withWorld(implementation) { world in
            let servers = [world.open(), world.open()]
            world.addCourse("1")
            world.enrol("ana", in: "1", as: .student, endsAt: nil)
            world.setProfile(of: "ana", name: "Ana", role: .student)
            world.removeEnrolment(of: "ana", in: "1")
            let enrolment = AccessChange(person: "ana", topic: named("course:1"))
            let expected = [
                AccessChange(person: nil, topic: named("course:1")), enrolment,
                AccessChange(person: "ana", topic: nil), enrolment,
            ]
            for server in servers {
                var heard: [AccessChange] = []
                world.loop.wait {
                    heard += server.takeAccessChanges()
                    return heard.count >= expected.count
                }
                #expect(heard == expected)
                let more = server.takeAccessChanges()
                #expect(more == [])
            }
        }
    }

    @Test(arguments: Implementation.allCases)
    func `what changed before a server came is none of its concern`(
        implementation: Implementation
    ) {
        withWorld(implementation) { world in
            world.addCourse("1")
            let server = world.open()
            world.addCourse("2")
            var heard: [AccessChange] = []
            world.loop.wait {
                heard += server.takeAccessChanges()
                return !heard.isEmpty
            }
            #expect(heard == [AccessChange(person: nil, topic: named("course:2"))])
        }
    }
}

extension AccessFacts {
    fileprivate init(
        _ role: Role?, _ name: String?, topicExists: Bool = true, validUntil: Timestamp? = nil
    ) {
        self.init(role: role, name: name, topicExists: topicExists, validUntil: validUntil)
    }
}

extension World {
    func facts(
        for pairs: [(String, String)], in storage: any StorageUnderTest
    ) throws -> [AccessFacts] {
        let queries = pairs.map { AccessQuery(person: $0.0, topic: named($0.1)) }
        return try loop.wait { storage.directory.facts(for: queries, completion: $0) }.get()
    }
}
