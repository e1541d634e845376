package import Basics
import JSON
package import PubSub
import Resume
package import RoomContract

/// The channel of a course, `course:<id>`.
///
/// * Who may enter: people with a current enrolment, and platform admins.
/// * What they may send: messages, typing; pages of history.
/// * What is kept: messages, for ever, each with its `seq`.
/// * Who hears it: every member, in order.
/// * Limits: 4,000 characters a message, 60 messages a minute for a person, one typing event in
///   two seconds.
package struct CourseChannel: Room {
    package static let traits = RoomTraits(
        topicPrefix: "course", isDurable: true, presence: .automatic, postEvent: "message:new",
        unreadEvent: nil)

    /// What each person may still do; kept only while the person has used some of it.
    private var allowances: [String: Allowance] = [:]

    private struct Allowance {
        var posts = TokenBucket()
        var typedUntil: Instant?
    }

    package init(topic: TopicName) {}

    package func admit(
        _ identity: Identity, facts: AccessFacts, request: JoinRequest
    ) throws(Refusal) -> Admission {
        guard let person = identity.person else {
            throw Refusal(.signInRequired, "an anonymous key may not join a course")
        }
        guard facts.topicExists else {
            throw Refusal(.noSuchCourse, "there is no course of this id")
        }
        guard let role = facts.role else {
            throw Refusal(.notEnrolled, "\(person) has no current enrolment in this course")
        }
        var state = JSONWriter()
        state.object { state in
            state.field("name", facts.name ?? person)
            state.field("role", role.rawValue)
        }
        return Admission(role: role, name: facts.name, presence: state.bytes)
    }

    package mutating func handle(
        _ command: Command, from member: Member, at now: Instant
    ) throws(Refusal) -> [Effect] {
        switch command.event {
        case "message:send": try send(command, from: member, at: now)
        case "history": [.history(try command.object().historyPage())]
        case "typing": typing(by: member, at: now)
        default:
            throw Refusal(
                .unknownEvent, "a course channel knows message:send, history and typing")
        }
    }

    private mutating func send(
        _ command: Command, from member: Member, at now: Instant
    ) throws(Refusal) -> [Effect] {
        let payload = try command.object()
        let clientID = try payload.clientID()
        let text = try payload.text("text", atMost: Limits.textCharacters)
        let person = member.identity.person ?? ""
        var allowance = allowances[person] ?? Allowance()
        let wait = allowance.posts.take(under: Limits.posts, at: now)
        allowances[person] = allowance
        forgetTheRested(at: now)
        if let wait {
            throw Refusal(
                .rateLimited, "the limit is \(Limits.postsPerMinute) messages a minute",
                retryAfterMs: wait.inMilliseconds)
        }
        var body = JSONWriter(reserving: text.utf8.count + 64)
        body.object { body in
            body.field("text", text)
            body.field("name", member.name ?? person)
            if let role = member.role { body.field("role", role.rawValue) }
        }
        return [
            .append(
                kind: .post, clientID: clientID, body: body.bytes, said: Array(text.utf8))
        ]
    }

    private mutating func typing(by member: Member, at now: Instant) -> [Effect] {
        let person = member.identity.person ?? ""
        var allowance = allowances[person] ?? Allowance()
        if let until = allowance.typedUntil, now < until { return [.done] }
        allowance.typedUntil = now.advanced(by: Limits.typing)
        allowances[person] = allowance
        forgetTheRested(at: now)
        var event = JSONWriter()
        event.object { event in
            event.field("person", person)
            event.field("name", member.name ?? person)
        }
        return [
            .done,
            .broadcast(event: "typing", payload: event.bytes, to: .others),
        ]
    }

    /// Drops the allowances that are whole again, so that memory follows who is active now.
    private mutating func forgetTheRested(at now: Instant) {
        guard allowances.count > Self.allowancesBeforeCleaning else { return }
        allowances = allowances.filter { _, allowance in
            let mayType = allowance.typedUntil.map { $0 <= now } ?? true
            return !(mayType && allowance.posts.isFull(at: now))
        }
    }

    /// Cleaning walks all of them; at 256 it is rare in a seminar and cheap in a lecture.
    static let allowancesBeforeCleaning = 256
}
