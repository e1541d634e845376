package import Basics
import JSON
package import PubSub
package import RoomContract

/// A topic for anything ephemeral, `realtime:<name>`, as Supabase's clients use it.
///
/// * Who may enter: whom the rules let in; never with `private: true`, because nothing here
///   would keep it private.
/// * What they may send: broadcasts, text or binary, and their own presence.
/// * What is kept: nothing.
/// * Who hears it: every member; the sender too where it asked for `self`.
/// * Limits: 256 KiB a broadcast, 1 KiB of presence state.
package struct OpenTopic: Room {
    package static let traits = RoomTraits(
        topicPrefix: "realtime", isDurable: false, presence: .tracked, postEvent: nil,
        unreadEvent: nil)

    private let rule: OpenTopicRules.Rule

    package init(topic: TopicName) {
        self.init(topic: topic, rules: .standard)
    }

    /// The room of `topic` under the rules of a file.
    package init(topic: TopicName, rules: OpenTopicRules) {
        rule = rules.rule(for: topic.identifier)
    }

    package func admit(
        _ identity: Identity, facts: AccessFacts, request: JoinRequest
    ) throws(Refusal) -> Admission {
        guard !request.isPrivate else {
            throw Refusal(
                .notPermitted,
                "You do not have permissions to read from this Channel topic: "
                    + "only rooms can be private here")
        }
        switch (rule.join, identity.person) {
        case (.anyone, _), (.people, _?): break
        case (.people, nil): throw Refusal(.signInRequired, "this topic needs a person's token")
        case (.nobody, _): throw Refusal(.notPermitted, "the rules close this topic")
        }
        return Admission(role: nil, name: facts.name, presence: nil)
    }

    package mutating func handle(
        _ command: Command, from member: Member, at now: Instant
    ) throws(Refusal) -> [Effect] {
        if member.identity.person == nil && !rule.anonymousMaySend {
            throw Refusal(.signInRequired, "an anonymous key may only listen on this topic")
        }
        return switch command.event {
        case "broadcast": try broadcast(command)
        case "presence": try presence(command)
        default: throw Refusal(.unknownEvent, "an open topic knows broadcast and presence")
        }
    }

    private func broadcast(_ command: Command) throws(Refusal) -> [Effect] {
        switch command.payload {
        case .binary(let event, let bytes):
            try checkSize(bytes.count)
            return [
                .done,
                .broadcastBinary(event: event, payload: bytes, to: .others),
            ]
        case .json(let bytes):
            try checkSize(bytes.count)
            let payload = try command.object()
            guard payload["event"]?.string != nil else {
                throw Refusal(.invalidPayload, "a broadcast needs an event, a string")
            }
            return [
                .done,
                .broadcast(event: "broadcast", payload: bytes, to: .others),
            ]
        }
    }

    private func checkSize(_ count: Int) throws(Refusal) {
        guard count <= Limits.eventBodyBytes else {
            throw Refusal(
                .tooLarge, "a broadcast of \(count) bytes; the limit is \(Limits.eventBodyBytes)")
        }
    }

    /// Supabase's clients write the event's name in any case (`presence_handler.ex`).
    private func presence(_ command: Command) throws(Refusal) -> [Effect] {
        let payload = try command.object()
        switch payload["event"]?.string?.lowercased() {
        case "track":
            let state = payload["payload"] ?? .object(.init())
            guard state.object != nil else {
                throw Refusal(.invalidPayload, "Presence track payload must be a map")
            }
            return [.track(state.encoded())]
        case "untrack":
            return [.untrack]
        default:
            throw Refusal(.invalidPayload, "presence knows the events track and untrack")
        }
    }
}
