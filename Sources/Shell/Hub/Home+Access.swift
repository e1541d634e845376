import Basics
import Presence
import PubSub
import RoomContract

// Facts about people: asked for in bulk, forgotten when they change, looked at again for
// everybody who is inside when they do.
extension Home {
    func askForFacts() {
        for query in rechecks { recheck(query) }
        while true {
            let batch = access.takeBatch()
            if batch.isEmpty { return }
            storage.directory.facts(for: batch) { [self] result in
                switch result {
                case .success(let facts): factsCame(batch, facts)
                case .failure: factsFailed(batch)
                }
            }
        }
    }

    private func factsCame(_ batch: [AccessQuery], _ facts: [AccessFacts]) {
        for query in access.loaded(batch, facts, at: wallClock) {
            for join in waitingForFacts.removeValue(forKey: query) ?? [] { proceed(with: join) }
            if rechecks.contains(query) { recheck(query) }
        }
    }

    private func factsFailed(_ batch: [AccessQuery]) {
        access.failed(batch)
        for query in batch {
            for join in waitingForFacts.removeValue(forKey: query) ?? [] {
                refuse(join, Self.noDatabase)
            }
        }
    }

    func accessChanged(_ changes: [AccessChange]) {
        for change in changes {
            access.invalidate(change)
            for topic in affectedTopics(by: change) {
                for member in topic.members {
                    guard let person = member.identity.person,
                        change.person.map({ $0.utf8.elementsEqual(person.utf8) }) ?? true
                    else { continue }
                    rechecks.insert(AccessQuery(person: person, topic: topic.name))
                }
            }
        }
    }

    private func affectedTopics(by change: AccessChange) -> [HomeTopic] {
        if let name = change.topic { return topics[name].map { [$0] } ?? [] }
        return Array(topics.values)
    }

    /// Asks the room again about a person who is inside.
    private func recheck(_ query: AccessQuery) {
        guard let topic = topics[query.topic], topic.traits.isDurable else {
            rechecks.remove(query)
            return
        }
        guard let facts = access.facts(for: query, at: wallClock) else { return }
        rechecks.remove(query)
        endings[query] = facts.validUntil
        for member in topic.members(of: query.person) {
            do {
                let admission = try topic.room.admit(
                    member.identity, facts: facts,
                    request: JoinRequest(isPrivate: false, presenceKey: nil))
                topic.update(member.id, admission)
            } catch {
                expel(member, from: topic, error)
            }
        }
        forgetIfUnused(topic)
    }

    private func expel(_ member: Member, from topic: HomeTopic, _ refusal: Refusal) {
        topic.remove(member.id)
        forgetEnding(of: member, in: topic)
        topic.presence.leave(member.id.presenceID)
        presenceChanged(topic)
        post(Int(member.id.loop), .removed([member.id], refusal))
    }

    /// Nobody is left whose enrolment could end.
    func forgetEnding(of member: Member, in topic: HomeTopic) {
        guard let person = member.identity.person else { return }
        let query = AccessQuery(person: person, topic: topic.name)
        // Looking for the person's other members is linear: only where something ends.
        guard endings[query] != nil, topic.members(of: person).isEmpty else { return }
        endings[query] = nil
    }

    /// An enrolment can end without a write: its facts carry their own end.
    func recheckEnded() {
        let ended = endings.filter { $0.value <= wallClock }.map(\.key)
        for query in ended {
            endings[query] = nil
            rechecks.insert(query)
        }
    }
}
