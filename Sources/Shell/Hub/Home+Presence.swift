import Basics
import Presence
import PubSub
import RoomContract

// Presence as a room has it: by being a member, or by asking to be shown.
extension Home {
    /// Shows a member because it is one. Who comes back within the grace takes its old place,
    /// unseen; a room that is full of presence stays open to members.
    func show(_ member: MemberID, as key: String, _ state: [UInt8], in topic: HomeTopic) {
        if topic.presence.adopt(key: key, member: member.presenceID) { return }
        do {
            try topic.presence.track(
                key: key, member: member.presenceID, state: PresenceState(state))
            presenceChanged(topic)
        } catch {
            log.debug("a member is not shown", Log.Field("why", "\(error)"))
        }
    }

    /// Shows a member because it asks to be, and answers it.
    func track(
        _ state: [UInt8], of member: MemberID, in topic: HomeTopic, _ tag: ReplyTag
    ) {
        guard let key = topic.presenceKey(of: member) else { return }
        do {
            try topic.presence.track(
                key: key, member: member.presenceID, state: PresenceState(state))
            presenceChanged(topic)
            answer(member, tag, .ok(Self.nothing))
        } catch {
            answer(member, tag, .refused(Self.refusal(for: error)))
        }
    }

    private static func refusal(for refusal: PresenceRefusal) -> Refusal {
        switch refusal {
        case .stateIsNoObject:
            Refusal(.invalidPayload, "Presence track payload must be a map")
        case .stateTooLarge(let limit):
            Refusal(.tooLarge, "presence state may have \(limit) bytes")
        case .tooManyMetas(let limit):
            Refusal(.rateLimited, "a presence key may have \(limit) connections")
        case .tooManyKeys(let limit):
            Refusal(.rateLimited, "a topic may show \(limit) people")
        case .tooManyBytes(let limit):
            Refusal(.rateLimited, "all that a topic shows may have \(limit) bytes")
        }
    }

    func presenceChanged(_ topic: HomeTopic) {
        guard topic.presence.hasDiff else { return }
        changedPresence.insert(topic.name)
    }

    /// The payload of `presence_state`; nil where the room has no presence.
    func presenceState(of topic: HomeTopic) -> [UInt8]? {
        switch topic.traits.presence {
        case .off: nil
        case .automatic, .tracked: PresencePayload.state(topic.presence.snapshot())
        }
    }

    func sendPresence(of name: TopicName, to member: MemberID) {
        guard let topic = topics[name], topic.member(member) != nil,
            let state = presenceState(of: topic)
        else { return }
        let event = Event(name: PresenceEvent.state, payload: .json(state), kind: .system)
        post(Int(member.loop), .push([member], event))
    }

    /// Ends graces that are over and sends what changed, one diff a topic.
    func flushPresence() {
        for name in inGrace {
            guard let topic = topics[name], let deadline = topic.presence.nextDeadline else {
                inGrace.remove(name)
                continue
            }
            guard deadline <= now else { continue }
            topic.presence.expire(at: now)
            presenceChanged(topic)
            if topic.isUnused { forgetIfUnused(topic) }
        }
        let changed = changedPresence
        changedPresence = []
        for name in changed {
            guard let topic = topics[name], let diff = topic.presence.takeDiff() else { continue }
            let payload = Command.Payload.json(PresencePayload.diff(diff))
            send(Event(name: PresenceEvent.diff, payload: payload, kind: .system), to: topic)
        }
    }
}

extension MemberID {
    /// The member as the presence map knows it.
    var presenceID: PresenceMember {
        PresenceMember(number: UInt64(loop) << 48 | serial)
    }
}
