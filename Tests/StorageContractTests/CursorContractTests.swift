import EventLoop
import PubSub
import Resume
import RoomContract
import TestSupport
import Testing

/// The promises of ``CursorStore``, for every implementation.
@Suite(.serialized) struct CursorContractTests {
    private let course = named("course:1")

    @Test(arguments: Implementation.allCases)
    func `a cursor moves forward, never back`(implementation: Implementation) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            _ = try world.append((1...5).map { post("\($0)", in: course) }, to: storage)
            let unread = try world.cursor(of: "ana", in: course, storage)
            #expect(unread == 0)
            let reached = try [2, 4, 3, 4, -1].map {
                try world.advance("ana", in: course, to: $0, storage)
            }
            #expect(reached == [2, 4, 4, 4, 4])
            let read = try world.cursor(of: "ana", in: course, storage)
            #expect(read == 4)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `nobody has read more than was said`(implementation: Implementation) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let early = try world.advance("ana", in: course, to: 1, storage)
            #expect(early == 0)
            _ = try world.append([post("1", in: course), post("2", in: course)], to: storage)
            let reached = try world.advance("ana", in: course, to: .max, storage)
            #expect(reached == 2)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a cursor belongs to one person and one topic`(implementation: Implementation) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let other = named("course:2")
            _ = try world.append([post("1", in: course), post("1", in: other)], to: storage)
            _ = try world.advance("ana", in: course, to: 1, storage)
            let elsewhere = try world.cursor(of: "ana", in: other, storage)
            #expect(elsewhere == 0)
            let others = try world.cursor(of: "ben", in: course, storage)
            #expect(others == 0)
        }
    }
}

extension World {
    fileprivate func cursor(
        of person: String, in topic: TopicName, _ storage: any StorageUnderTest
    ) throws -> Int64 {
        try loop.wait { storage.cursors.cursor(of: person, in: topic, completion: $0) }.get()
    }

    fileprivate func advance(
        _ person: String, in topic: TopicName, to ordinal: Int64, _ storage: any StorageUnderTest
    ) throws -> Int64 {
        try loop.wait {
            storage.cursors.advanceCursor(of: person, in: topic, to: ordinal, completion: $0)
        }.get()
    }
}
