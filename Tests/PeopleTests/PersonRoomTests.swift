import Basics
import JSON
import PubSub
import RoomContract
import Testing

@testable import People

/// A person's own topic in conversation.
@Suite struct PersonRoomTests {
    private let facts = AccessFacts(role: nil, name: "Zoë", topicExists: true, validUntil: nil)
    private let request = JoinRequest(isPrivate: false, presenceKey: nil)

    private func room(of person: String) -> PersonRoom {
        guard let topic = TopicName("user:\(person)") else { preconditionFailure("a topic") }
        return PersonRoom(topic: topic)
    }

    private func refusal(of claimant: String?, at person: String) -> ErrorCode? {
        let identity = Identity(person: claimant, expiresAt: Timestamp(secondsSince1970: 9))
        do {
            _ = try room(of: person).admit(identity, facts: facts, request: request)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `only the person itself may enter`() {
        #expect(refusal(of: "ana", at: "ana") == nil)
        #expect(refusal(of: "ben", at: "ana") == .notPermitted)
        #expect(refusal(of: nil, at: "ana") == .signInRequired)
        #expect(refusal(of: "ana", at: "ana:2") == .notPermitted)
    }

    @Test func `two spellings of one name are two people`() {
        #expect(refusal(of: "Zoe\u{308}", at: "Zo\u{EB}") == .notPermitted)
    }

    private func handle(_ event: String, _ json: String) -> Result<[Effect], Refusal> {
        var room = room(of: "ana")
        let member = Member(
            id: MemberID(loop: 0, slot: 0, serial: 1),
            identity: Identity(person: "ana", expiresAt: Timestamp(secondsSince1970: 9)),
            role: nil, name: nil)
        do {
            return .success(
                try room.handle(
                    Command(event: event, payload: .json(Array(json.utf8))), from: member,
                    at: Instant(nanoseconds: 0)))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [("{}", nil), (#"{"through":"e1-7"}"#, 7), (#"{"through":null}"#, nil)])
    func `reading moves the cursor, through a position or all the way`(
        json: String, expected: Int64?
    ) throws {
        let effects = try handle("notification:read", json).get()
        guard case .markRead(let seq) = effects.first else {
            Issue.record("no cursor was moved")
            return
        }
        #expect(effects.count == 1)
        #expect(seq == expected)
    }

    @Test(arguments: [
        ("notification:read", #"{"through":7}"#, ErrorCode.invalidPayload),
        ("notification:read", "[]", .invalidPayload), ("message:send", "{}", .unknownEvent),
    ]) func `what it does not understand is refused`(
        event: String, json: String, expected: ErrorCode
    ) {
        guard case .failure(let refusal) = handle(event, json) else {
            Issue.record("it was taken")
            return
        }
        #expect(refusal.code == expected)
    }
}
