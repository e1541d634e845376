import Basics
import JSON
import Presence
import PubSub
import Resume
import RoomContract

// Commands of members: the room decides, the home does. Every command is answered exactly once.
extension Home {
    func handle(
        _ command: Command, from id: MemberID, in name: TopicName, _ tag: ReplyTag
    ) {
        guard let topic = topics[name], let member = topic.member(id) else {
            return answer(id, tag, .refused(Refusal(.unmatchedTopic, "join \(name) first")))
        }
        do {
            for effect in try topic.room.handle(command, from: member, at: now) {
                perform(effect, for: member, in: topic, tag)
            }
        } catch {
            answer(id, tag, .refused(error))
        }
    }

    /// An event from a service, which is no member.
    func publish(_ event: String, _ payload: Command.Payload, in name: TopicName) {
        guard let topic = topics[name] else { return }
        send(Event(name: event, payload: payload, kind: .room), to: topic)
    }

    private func perform(
        _ effect: Effect, for member: Member, in topic: HomeTopic, _ tag: ReplyTag
    ) {
        switch effect {
        case .reply(let response):
            answer(member.id, tag, .ok(response))
        case .append(let kind, let clientID, let body, let said):
            let draft = EntryDraft(
                topic: topic.name, kind: kind, sender: member.identity.person ?? "",
                clientID: clientID, body: body, said: said)
            append(draft, for: member.id, tag)
        case .history(let page):
            read(page, of: topic, for: member.id, tag)
        case .markRead(let seq):
            markRead(through: seq, by: member, in: topic, tag)
        case .broadcast(let event, let payload, let audience):
            send(
                Event(name: event, payload: .json(payload), kind: .room), to: topic,
                cause: audience == .others ? member.id : nil)
        case .broadcastBinary(let event, let payload, let audience):
            send(
                Event(name: "broadcast", payload: .binary(event: event, payload), kind: .room),
                to: topic, cause: audience == .others ? member.id : nil)
        case .track(let state): track(state, of: member.id, in: topic, tag)
        case .untrack:
            topic.presence.leave(member.id.presenceID)
            presenceChanged(topic)
            answer(member.id, tag, .ok(Self.nothing))
        }
    }

    // MARK: History

    private func read(
        _ page: HistoryPage, of topic: HomeTopic, for member: MemberID, _ tag: ReplyTag
    ) {
        guard historyReads[member, default: 0] < Self.historyReadsAtOnce else {
            return answer(member, tag, .refused(Self.tooManyReads))
        }
        historyReads[member, default: 0] += 1
        // One more than asked for tells whether there is more.
        let limit = page.limit + 1
        let head = topic.head
        func finish(_ result: Result<[Entry], StorageError>, keepingNewest: Bool) {
            historyReadEnded(member)
            switch result {
            case .success(let entries):
                let kept = Self.page(
                    of: entries, atMost: page.limit, keepingNewest: keepingNewest)
                answer(
                    member, tag, .page(kept, more: kept.count < entries.count, head: head))
            case .failure(let error):
                answer(member, tag, .refused(refusal(for: error)))
            }
        }
        switch page.direction {
        case .before(let seq):
            storage.log.entries(of: topic.name, before: seq, limit: limit) {
                finish($0, keepingNewest: true)
            }
        case .newest:
            storage.log.entries(of: topic.name, before: .max, limit: limit) {
                finish($0, keepingNewest: true)
            }
        case .after(let seq):
            guard seq < Int64.max else {
                return finish(.success([]), keepingNewest: false)
            }
            storage.log.entries(of: topic.name, in: seq + 1 ... .max, limit: limit) {
                finish($0, keepingNewest: false)
            }
        }
    }

    /// The entries nearest to where the page begins, at least one, as many as a reader's outbox
    /// takes.
    private static func page(
        of entries: [Entry], atMost limit: Int, keepingNewest: Bool
    ) -> [Entry] {
        var bytes = 0
        func fits(_ entry: Entry) -> Bool {
            bytes += entry.body.count + entry.sender.utf8.count
            return bytes <= Limits.historyBytes
        }
        let nearest = keepingNewest ? entries.suffix(limit) : entries.prefix(limit)
        let count =
            keepingNewest
            ? nearest.reversed().prefix(while: fits).count : nearest.prefix(while: fits).count
        let kept = min(max(1, count), nearest.count)
        return Array(keepingNewest ? nearest.suffix(kept) : nearest.prefix(kept))
    }

    private func historyReadEnded(_ member: MemberID) {
        let left = historyReads[member, default: 1] - 1
        historyReads[member] = left == 0 ? nil : left
    }

    /// Pages one member may wait for. A page of the largest messages takes the database 20 ms, and
    /// all pages of a loop are read one after the other: without a bound six connections at their
    /// limit of events had everybody else wait 10 s. Who scrolls waits for one.
    static let historyReadsAtOnce = 4

    private static let tooManyReads = Refusal(
        .rateLimited, "the limit is \(historyReadsAtOnce) pages at once",
        retryAfterMs: retryAfterMs)

    // MARK: Reading cursors

    private func markRead(
        through seq: Int64?, by member: Member, in topic: HomeTopic, _ tag: ReplyTag
    ) {
        guard let person = member.identity.person else {
            let refusal = Refusal(.signInRequired, "an anonymous key has no cursor")
            return answer(member.id, tag, .refused(refusal))
        }
        guard let seq, seq < topic.head.seq else {
            return advance(person, to: topic.head.ordinal, for: member.id, in: topic, tag)
        }
        guard seq > 0 else {
            return advance(person, to: 0, for: member.id, in: topic, tag)
        }
        storage.log.entries(of: topic.name, in: seq...seq, limit: 1) { [self] result in
            switch result {
            case .success(let entries):
                advance(
                    person, to: entries.first?.ordinal ?? 0, for: member.id, in: topic, tag)
            case .failure(let error): answer(member.id, tag, .refused(refusal(for: error)))
            }
        }
    }

    private func advance(
        _ person: String, to ordinal: Int64, for member: MemberID, in topic: HomeTopic,
        _ tag: ReplyTag
    ) {
        storage.cursors.advanceCursor(of: person, in: topic.name, to: ordinal) {
            [self] result in
            switch result {
            case .success(let cursor):
                // The person may have left meanwhile; then nobody counts here any more.
                if topic.cursors[person] != nil { topic.cursors[person] = .known(cursor) }
                let unread = max(0, topic.head.ordinal - cursor)
                answer(member, tag, .ok(Self.unreadPayload(unread)))
                pushUnread(of: person, in: topic)
            case .failure(let error): answer(member, tag, .refused(refusal(for: error)))
            }
        }
    }

    /// Tells all connections of a person how much is unread.
    func pushUnread(of person: String, in topic: HomeTopic) {
        guard let event = topic.traits.unreadEvent,
            case .known(let cursor) = topic.cursors[person]
        else { return }
        let payload = Self.unreadPayload(max(0, topic.head.ordinal - cursor))
        let members = topic.members(of: person).map(\.id)
        for loop in 0..<loops {
            let here = members.filter { Int($0.loop) == loop }
            guard !here.isEmpty else { continue }
            post(loop, .push(here, Event(name: event, payload: .json(payload), kind: .room)))
        }
    }

    private static func unreadPayload(_ unread: Int64) -> [UInt8] {
        Array("{\"unread\":\(unread)}".utf8)
    }

    static let nothing = Array("{}".utf8)

    func refusal(for error: StorageError) -> Refusal {
        switch error {
        case .unavailable: return Self.noDatabase
        case .rejected(let why):
            log.warning("the database rejects an input", Log.Field("why", why))
            return Refusal(.invalidPayload, "the database does not take this input")
        }
    }
}
