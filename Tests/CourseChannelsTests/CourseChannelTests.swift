import Basics
import JSON
import PubSub
import Resume
import RoomContract
import Testing

@testable import CourseChannels

/// A course channel in conversation.
@Suite struct CourseChannelTests {
    private var start: Instant { Instant(nanoseconds: 0) }

    private func room() -> CourseChannel {
        guard let topic = TopicName("course:1") else { preconditionFailure("a topic") }
        return CourseChannel(topic: topic)
    }

    private func identity(_ person: String?) -> Identity {
        Identity(person: person, expiresAt: Timestamp(secondsSince1970: 9))
    }

    private func member(_ person: String = "ana", name: String? = "Ana", role: Role? = .student)
        -> Member
    {
        Member(
            id: MemberID(loop: 0, slot: 0, serial: 1), identity: identity(person), role: role,
            name: name)
    }

    private func facts(_ role: Role?, exists: Bool = true) -> AccessFacts {
        AccessFacts(role: role, name: "Ana", topicExists: exists, validUntil: nil)
    }

    private let request = JoinRequest(isPrivate: false, presenceKey: nil)

    private func code(_ body: () throws -> Void) -> ErrorCode? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Refusal)?.code
        }
    }

    private func send(_ text: String, _ id: String = "c1") -> Command {
        var json = JSONWriter()
        json.object { json in
            json.field("client_id", id)
            json.field("text", text)
        }
        return Command(event: "message:send", payload: .json(json.bytes))
    }

    @Test(arguments: Role.allCases) func `everybody with a role may enter`(role: Role) throws {
        let admission = try room().admit(identity("ana"), facts: facts(role), request: request)
        let shown = String(decoding: admission.presence ?? [], as: UTF8.self)
        #expect(admission.role == role)
        #expect(shown == #"{"name":"Ana","role":"\#(role.rawValue)"}"#)
    }

    @Test func `who may not enter is told why`() {
        let room = room()
        let stranger = code {
            _ = try room.admit(identity("ana"), facts: facts(nil), request: request)
        }
        let anonymous = code {
            _ = try room.admit(identity(nil), facts: facts(.student), request: request)
        }
        let nowhere = code {
            _ = try room.admit(identity("ana"), facts: facts(nil, exists: false), request: request)
        }
        #expect(stranger == .notEnrolled)
        #expect(anonymous == .signInRequired)
        #expect(nowhere == .noSuchCourse)
    }

    @Test func `a message is kept with the sender's name and role, and known by its text`() throws {
        var room = room()
        let effects = try room.handle(send("Hello"), from: member(), at: start)
        guard case .append(let kind, let id, let body, let said) = effects.first else {
            Issue.record("no append")
            return
        }
        #expect(effects.count == 1)
        #expect(kind == .post)
        #expect(id == "c1")
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"text":"Hello","name":"Ana","role":"student"}"#)
        #expect(said == Array("Hello".utf8))
    }

    @Test(arguments: [(4_000, nil), (4_001, ErrorCode.tooLarge), (0, .invalidPayload)])
    func `a text has 1 to 4,000 characters`(length: Int, expected: ErrorCode?) {
        var room = room()
        let found = code {
            _ = try room.handle(
                send(String(repeating: "ä", count: length)), from: member(), at: start)
        }
        #expect(found == expected)
    }

    @Test(arguments: [(64, nil), (65, ErrorCode.invalidPayload), (0, .invalidPayload)])
    func `a client id has 1 to 64 bytes`(length: Int, expected: ErrorCode?) {
        var room = room()
        let found = code {
            _ = try room.handle(
                send("Hello", String(repeating: "c", count: length)), from: member(), at: start)
        }
        #expect(found == expected)
    }

    @Test func `sixty messages at once are a person's share; one more waits a second`() throws {
        var room = room()
        for number in 1...60 {
            _ = try room.handle(send("x", "\(number)"), from: member(), at: start)
        }
        let beyond = code { _ = try room.handle(send("x"), from: member(), at: start) }
        let other = code { _ = try room.handle(send("x"), from: member("ben"), at: start) }
        let early = code {
            _ = try room.handle(
                send("x"), from: member(), at: start.advanced(by: .milliseconds(999)))
        }
        let later = code {
            _ = try room.handle(send("x"), from: member(), at: start.advanced(by: .seconds(1)))
        }
        #expect(beyond == .rateLimited)
        #expect(other == nil)
        #expect(early == .rateLimited)
        #expect(later == nil)
    }

    @Test func `typing is heard once in two seconds and answered each time`() throws {
        var room = room()
        let typing = Command(event: "typing", payload: .json(Array("{}".utf8)))
        let first = try room.handle(typing, from: member(), at: start)
        let early = try room.handle(
            typing, from: member(), at: start.advanced(by: .milliseconds(1_999)))
        let later = try room.handle(typing, from: member(), at: start.advanced(by: .seconds(2)))
        #expect(first.count == 2)
        #expect(early.count == 1)
        #expect(later.count == 2)
    }

    @Test func `allowances of the rested are forgotten`() throws {
        var room = room()
        for number in 0..<1_000 {
            let now = start.advanced(by: .seconds(10 * number))
            _ = try room.handle(send("x"), from: member("p\(number)"), at: now)
        }
        let kept = Mirror(reflecting: room).children.first { $0.label == "allowances" }
        let count = kept.map { Mirror(reflecting: $0.value).children.count } ?? .max
        #expect(count <= CourseChannel.allowancesBeforeCleaning + 1)
    }

    @Test func `what it does not know is refused`() {
        var room = room()
        let unknown = code {
            _ = try room.handle(
                Command(event: "sing", payload: .json(Array("{}".utf8))), from: member(), at: start)
        }
        let binary = code {
            _ = try room.handle(
                Command(event: "message:send", payload: .binary(event: "x", [1])), from: member(),
                at: start)
        }
        let list = code {
            _ = try room.handle(
                Command(event: "history", payload: .json(Array("[]".utf8))), from: member(),
                at: start)
        }
        #expect(unknown == .unknownEvent)
        #expect(binary == .invalidPayload)
        #expect(list == .invalidPayload)
    }
}
