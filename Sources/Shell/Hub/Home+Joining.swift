import Basics
import JSON
import Presence
import PubSub
import Resume
import RoomContract

// A join needs facts, the topic's head and sometimes a cursor. Each step that lacks something
// asks for it and parks the join; when it has come the join proceeds from the beginning, so that
// what changed meanwhile is seen.
extension Home {
    func proceed(with join: JoinMail) {
        guard joining.contains(join.member) else { return }
        guard let kind = catalog.kind(of: join.topic) else {
            return refuse(join, Refusal(.unknownTopic, "no room serves \(join.topic.prefix):"))
        }
        guard let facts = facts(for: join, kind.traits) else { return }
        let topic = topic(join.topic, kind)
        let admission: Admission
        do {
            admission = try topic.room.admit(join.identity, facts: facts, request: join.request)
        } catch {
            refuse(join, error)
            return forgetIfUnused(topic)
        }
        switch topic.phase {
        case .new:
            topic.parked.append(join)
            return loadHead(of: topic)
        case .loadingHead:
            topic.parked.append(join)
            return
        case .ready: break
        }
        guard let unread = unread(of: join, in: topic) else { return }
        complete(join, admission, facts, in: topic, unread: unread)
    }

    func refuse(_ join: JoinMail, _ refusal: Refusal) {
        guard joining.remove(join.member) != nil else { return }
        post(Int(join.member.loop), .refused(join.member, refusal))
    }

    /// A room without a log decides by the token alone, so it goes on without a database.
    private func facts(for join: JoinMail, _ traits: RoomTraits) -> AccessFacts? {
        guard traits.isDurable, let person = join.identity.person else {
            return AccessFacts(role: nil, name: nil, topicExists: false, validUntil: nil)
        }
        guard accessIsWatched else {
            refuse(
                join,
                Refusal(
                    .unavailable, "changes of access cannot be seen at the moment",
                    retryAfterMs: Self.retryAfterMs))
            return nil
        }
        let query = AccessQuery(person: person, topic: join.topic)
        if let facts = access.facts(for: query, at: wallClock) { return facts }
        waitingForFacts[query, default: []].append(join)
        return nil
    }

    private func loadHead(of topic: HomeTopic) {
        topic.phase = .loadingHead
        storage.log.heads(of: [topic.name]) { [self] result in
            switch result {
            case .success(let heads):
                topic.head = heads[0]
                topic.tail = TopicTail(tail: heads[0].seq)
                topic.phase = .ready
                proceedWithParked(in: topic)
            case .failure:
                topic.phase = .new
                refuseParked(in: topic)
            }
        }
    }

    /// The unread count of who joins; an inner nil where the room does not count. Nil while the
    /// cursor is on its way: the join is parked, and proceeds when it has come.
    private func unread(of join: JoinMail, in topic: HomeTopic) -> Int64?? {
        guard topic.traits.unreadEvent != nil, let person = join.identity.person else {
            return .some(nil)
        }
        switch topic.cursors[person] {
        case .known(let ordinal): return .some(max(0, topic.head.ordinal - ordinal))
        case .loading:
            topic.parked.append(join)
            return nil
        case nil:
            topic.cursors[person] = .loading
            // Before asking, for the answer may come at once.
            topic.parked.append(join)
            storage.cursors.cursor(of: person, in: topic.name) { [self] result in
                switch result {
                case .success(let ordinal):
                    topic.cursors[person] = .known(ordinal)
                    proceedWithParked(in: topic)
                case .failure:
                    topic.cursors[person] = nil
                    refuseParked(in: topic)
                }
            }
            return nil
        }
    }

    private func proceedWithParked(in topic: HomeTopic) {
        let parked = topic.parked
        topic.parked = []
        for join in parked { proceed(with: join) }
        forgetIfUnused(topic)
    }

    private func refuseParked(in topic: HomeTopic) {
        let parked = topic.parked
        topic.parked = []
        for join in parked { refuse(join, Self.noDatabase) }
        forgetIfUnused(topic)
    }

    private func complete(
        _ join: JoinMail, _ admission: Admission, _ facts: AccessFacts, in topic: HomeTopic,
        unread: Int64?
    ) {
        joining.remove(join.member)
        let member = Member(
            id: join.member, identity: join.identity, role: admission.role, name: admission.name)
        let isShownByAsking = topic.traits.presence == .tracked
        topic.add(member, presenceKey: isShownByAsking ? join.presenceKey : nil)
        if let end = facts.validUntil, let person = join.identity.person {
            endings[AccessQuery(person: person, topic: topic.name)] = end
        }
        switch topic.traits.presence {
        case .off, .tracked: break
        case .automatic:
            if let state = admission.presence, let person = join.identity.person {
                show(member.id, as: person, stamped(state), in: topic)
            }
        }
        post(
            Int(member.id.loop),
            .admitted(
                member.id,
                Welcome(
                    head: topic.head, role: admission.role, unread: unread,
                    presence: presenceState(of: topic))))
    }

    /// Adds since when: `{"name":…}` becomes `{"name":…,"online_at":…}`.
    private func stamped(_ state: [UInt8]) -> [UInt8] {
        var json = state
        json.removeLast()
        if json.count > 1 { json.append(UInt8(ascii: ",")) }
        json.append(contentsOf: "\"online_at\":\"\(wallClock.rfc3339)\"}".utf8)
        return json
    }

    static let retryAfterMs: Int64 = 1_000

    static let noDatabase = Refusal(
        .unavailable, "the database cannot be reached", retryAfterMs: retryAfterMs)
}
