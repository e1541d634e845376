import Basics
import PubSub
import Resume
import RoomContract

// The durable path: drafts go to the log in batches, and what is committed is delivered by the
// topic's tail, never by the answer to the insert.
extension Home {
    func append(_ draft: EntryDraft, for member: MemberID, _ tag: ReplyTag) {
        // A batch whose outcome a lost database owes us holds up all behind it, perhaps for long.
        guard accessIsWatched || !writer.isCommitting else {
            count { $0.failedAppends += 1 }
            return answer(member, tag, .refused(Self.noDatabase))
        }
        let ticket = GroupCommit.Ticket(number: nextTicket)
        nextTicket += 1
        appends[ticket] = PendingAppend(draft: draft, member: member, tag: tag, since: now)
        switch writer.submit(draft, ticket: ticket, at: now) {
        case .gathering: break
        case .send(let batch): write(batch)
        case .busy(let retryAfter):
            appends[ticket] = nil
            count { $0.refusedBusy += 1 }
            let refusal = Refusal(
                .busy, "more is being written than storage takes",
                retryAfterMs: retryAfter.inMilliseconds)
            answer(member, tag, .refused(refusal))
        }
    }

    private func write(_ batch: [EntryDraft]) {
        count { $0.wrote(batch.count) }
        storage.log.append(batch) { [self] result in
            let completion = writer.completed(result, at: now)
            for answer in completion.answers { conclude(answer) }
            if let next = completion.next { write(next) }
        }
    }

    /// The database went away: who waits behind the batch in flight is told, not kept waiting.
    func giveUpWaitingDrafts() {
        for answer in writer.giveUpWaiting() { conclude(answer) }
    }

    private func conclude(_ outcome: GroupCommit.Answer) {
        guard let pending = appends.removeValue(forKey: outcome.ticket) else {
            preconditionFailure("an outcome without a draft")
        }
        switch outcome.result {
        case .success(.stored(let receipt)):
            count {
                $0.committed(after: pending.since.duration(to: now))
                if receipt.isRepeat { $0.repeated += 1 } else { $0.appended += 1 }
            }
            answer(pending.member, pending.tag, .stored(receipt))
            deliver(pending.draft, receipt)
        case .success(.conflict):
            let refusal = Refusal(
                .clientIDConflict, "this client_id was used before with another content")
            answer(pending.member, pending.tag, .refused(refusal))
        case .failure(let error):
            count { $0.failedAppends += 1 }
            answer(pending.member, pending.tag, .refused(refusal(for: error)))
        }
    }

    private func deliver(_ draft: EntryDraft, _ receipt: Receipt) {
        guard let topic = readyTopic(draft.topic) else { return }
        if receipt.isRepeat {
            return perform(topic.tail.headMoved(to: receipt.seq, at: now), in: topic)
        }
        let entry = Entry(
            seq: receipt.seq, ordinal: receipt.ordinal, kind: draft.kind, sender: draft.sender,
            clientID: draft.clientID, body: draft.body, createdAt: receipt.createdAt)
        perform(topic.tail.committed(entry, at: now), in: topic)
    }

    func headMoved(of name: TopicName, to seq: Int64) {
        guard let topic = readyTopic(name) else { return }
        perform(topic.tail.headMoved(to: seq, at: now), in: topic)
    }

    /// Nobody hears a topic that is not here; who joins it reads its head afresh.
    private func readyTopic(_ name: TopicName) -> HomeTopic? {
        guard let topic = topics[name], topic.phase == .ready, topic.traits.isDurable else {
            return nil
        }
        return topic
    }

    private func perform(_ actions: TopicTail.Actions, in topic: HomeTopic) {
        if let last = actions.deliver.last {
            topic.head = Head(seq: last.seq, ordinal: last.ordinal)
            for loop in 0..<loops where topic.interest[loop] > 0 {
                post(loop, .deliver(topic: topic.name, actions.deliver))
            }
            for person in topic.cursors.keys { pushUnread(of: person, in: topic) }
        }
        guard let range = actions.fetch else { return }
        storage.log.entries(of: topic.name, in: range, limit: Int(TopicTail.fetchPage)) {
            [self] result in
            switch result {
            case .success(let entries):
                perform(topic.tail.fetched(entries, at: now), in: topic)
            case .failure:
                topic.tail.fetchFailed(at: now)
            }
        }
    }

    /// Asks for the heads of all topics here, so that a lost last message cannot stay lost.
    func compareHeads() {
        let names = topics.values.filter { $0.phase == .ready && $0.traits.isDurable }.map(\.name)
        for start in stride(from: 0, to: names.count, by: Self.headsAtOnce) {
            let chunk = Array(names[start..<min(start + Self.headsAtOnce, names.count)])
            storage.log.heads(of: chunk) { [self] result in
                guard case .success(let heads) = result else { return }
                for (name, head) in zip(chunk, heads) { headMoved(of: name, to: head.seq) }
            }
        }
    }

    /// The most heads of one query, as ``MessageLog`` promises to take.
    static let headsAtOnce = 1_000

    func retryReads() {
        for topic in topics.values where topic.tail.nextDeadline.map({ $0 <= now }) ?? false {
            perform(topic.tail.timePassed(at: now), in: topic)
        }
    }
}
