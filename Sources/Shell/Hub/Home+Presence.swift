import Basics
import Presence
import PubSub
import RoomContract

// Presence as a room has it: by being a member, or by asking to be shown.
extension Home {
    func show(_ member: MemberID, as key: String, _ state: [UInt8], in topic: HomeTopic) {
        topic.presence.track(key: key, member: member.presenceID, state: state, at: now)
        presenceChanged(topic)
    }

    func presenceChanged(_ topic: HomeTopic) {
        guard topic.presence.hasDiff else { return }
        changedPresence.insert(topic.name)
    }

    /// The payload of `presence_state`; nil where the room has no presence.
    func presenceState(of topic: HomeTopic) -> [UInt8]? {
        switch topic.traits.presence {
        case .off: nil
        case .automatic, .tracked: topic.presence.encodedState()
        }
    }

    func sendPresence(of name: TopicName, to member: MemberID) {
        guard let topic = topics[name], topic.members[member] != nil,
            let state = presenceState(of: topic)
        else { return }
        let event = Event(name: "presence_state", payload: .json(state), kind: .system)
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
            send(
                Event(name: "presence_diff", payload: .json(diff.encoded()), kind: .system),
                to: topic)
        }
    }
}

extension MemberID {
    /// The member as the presence map knows it.
    var presenceID: PresenceMember {
        PresenceMember(loop: loop, slot: slot, serial: serial)
    }
}
