import Basics
import JSON
import PubSub
import RoomContract
import Testing

@testable import OpenTopics

/// An open topic in conversation.
@Suite struct OpenTopicTests {
    private let facts = AccessFacts(role: nil, name: nil, topicExists: false, validUntil: nil)

    private func room(_ rules: String? = nil, _ name: String = "lobby") throws -> OpenTopic {
        guard let topic = TopicName("realtime:\(name)") else { preconditionFailure("a topic") }
        guard let rules else { return OpenTopic(topic: topic) }
        return OpenTopic(
            topic: topic, rules: try OpenTopicRules(try JSONValue.parse(Array(rules.utf8))))
    }

    private func identity(_ person: String?) -> Identity {
        Identity(person: person, expiresAt: Timestamp(secondsSince1970: 9))
    }

    private func refusal(_ body: () throws -> Void) -> ErrorCode? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Refusal)?.code
        }
    }

    private func join(_ room: OpenTopic, _ person: String?, isPrivate: Bool = false) -> ErrorCode? {
        refusal {
            _ = try room.admit(
                identity(person), facts: facts,
                request: JoinRequest(isPrivate: isPrivate, presenceKey: nil))
        }
    }

    private func handle(
        _ command: Command, _ person: String? = "ana", in room: OpenTopic
    ) throws -> [Effect] {
        var room = room
        let member = Member(
            id: MemberID(loop: 0, slot: 0, serial: 1), identity: identity(person), role: nil,
            name: nil)
        return try room.handle(command, from: member, at: Instant(nanoseconds: 0))
    }

    private func broadcast(_ json: String) -> Command {
        Command(event: "broadcast", payload: .json(Array(json.utf8)))
    }

    @Test func `without rules anyone may join and speak, and nothing is private`() throws {
        let room = try room()
        let effects = try handle(broadcast(#"{"event":"e"}"#), nil, in: room)
        #expect(join(room, "ana") == nil)
        #expect(join(room, nil) == nil)
        #expect(join(room, "ana", isPrivate: true) == .notPermitted)
        #expect(effects.count == 2)
    }

    @Test func `the rules decide who may join and who may speak`() throws {
        let people = try room(#"{"realtime":[{"topics":"*","join":"people"}]}"#)
        let nobody = try room(#"{"realtime":[{"topics":"*","join":"nobody"}]}"#)
        let unnamed = try room(#"{"realtime":[{"topics":"hall","join":"anyone"}]}"#)
        let listeners = try room(#"{"realtime":[{"topics":"lob*","join":"anyone"}]}"#)
        let silent = refusal {
            _ = try handle(broadcast(#"{"event":"e"}"#), nil, in: listeners)
        }
        #expect(join(people, "ana") == nil)
        #expect(join(people, nil) == .signInRequired)
        #expect(join(nobody, "ana") == .notPermitted)
        #expect(join(unnamed, "ana") == .notPermitted)
        #expect(join(listeners, nil) == nil)
        #expect(silent == .signInRequired)
    }

    @Test(arguments: [
        (Limits.eventBodyBytes, nil), (Limits.eventBodyBytes + 1, ErrorCode.tooLarge),
    ])
    func `a broadcast has at most 256 KiB`(count: Int, expected: ErrorCode?) throws {
        let room = try room()
        let binary = Command(
            event: "broadcast",
            payload: .binary(event: "e", Array(repeating: 0, count: count)))
        let frame = #"{"event":"e","payload":""}"#
        let padding = String(repeating: "x", count: count - frame.utf8.count)
        let text = broadcast(#"{"event":"e","payload":"\#(padding)"}"#)
        let ofBytes = refusal { _ = try handle(binary, in: room) }
        let ofText = refusal { _ = try handle(text, in: room) }
        #expect(ofBytes == expected)
        #expect(ofText == expected)
    }

    @Test(arguments: ["track", "Track", "TRACK"]) func `presence is tracked in any case`(
        event: String
    ) throws {
        let command = Command(
            event: "presence",
            payload: .json(Array(#"{"event":"\#(event)","payload":{"a":1}}"#.utf8)))
        let effects = try handle(command, in: try room())
        guard case .track(let state) = effects.first else {
            Issue.record("nothing is tracked")
            return
        }
        #expect(String(decoding: state, as: UTF8.self) == #"{"a":1}"#)
    }

    @Test(arguments: [
        ("presence", #"{"event":"track","payload":7}"#, ErrorCode.invalidPayload),
        ("presence", #"{"event":"dance"}"#, .invalidPayload),
        ("broadcast", #"{"payload":{}}"#, .invalidPayload), ("broadcast", "[]", .invalidPayload),
        ("sing", "{}", .unknownEvent),
    ]) func `what it does not understand is refused`(
        event: String, json: String, expected: ErrorCode
    ) throws {
        let room = try room()
        let found = refusal {
            _ = try handle(Command(event: event, payload: .json(Array(json.utf8))), in: room)
        }
        #expect(found == expected)
    }
}
