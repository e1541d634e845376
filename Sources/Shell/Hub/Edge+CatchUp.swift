import Basics
import Phoenix
import PubSub
import Resume
import RoomContract

/// One channel's catching up: the machine, and what it waits for.
struct ChannelCatchUp {
    var machine = CatchUp()
    /// The answer to the join, until the verdict is known.
    var pending: PendingWelcome?
    /// A page that is wanted but waits for room in the outbox.
    var postponed: ClosedRange<Int64>?
}

/// A read of the log that several channels may wait for.
struct ReadKey: Hashable {
    let topic: TopicName
    let range: ClosedRange<Int64>
}

// From a position to the live stream: pages of the log, from memory where it has them, as fast
// as the reader takes them. Deliveries meanwhile pass the channel by; the topic's tail says how
// far to go.
extension Edge {
    func beginCatchUp(
        of channel: Channel, _ connection: EdgeConnection, _ topic: TopicIndex,
        _ pending: PendingWelcome
    ) {
        let id = ChannelID(slot: connection.slot, serial: channel.serial)
        var catchUp = ChannelCatchUp(pending: pending)
        let step = catchUp.machine.start(
            pending.parameters.start, tail: tail(of: topic), epoch: storage.epoch)
        catchUps[id] = catchUp
        // The state that came with the welcome is old once the verdict is known: diffs pass the
        // channel by until then.
        if step.verdict == nil, pending.wantsPresence {
            place(of: id).map { setPresenceIsStale(true, of: $0.channel) }
        }
        perform(step, of: id)
    }

    /// Turns a channel to paging, because its outbox had no room after `position`.
    ///
    /// The first page waits for room: asking at once would find the same full outbox. `mayGap`:
    /// false where earlier entries still wait in the outbox, before which no gap may be told.
    func rewind(
        _ connection: EdgeConnection, channelNumber: UInt32, to position: Int64, mayGap: Bool
    ) {
        guard let index = connection.channelIndex(number: channelNumber),
            case .joined(let topic, let subscription) = connection.channels[index].phase
        else { return }
        counters.rewinds += 1
        let id = ChannelID(slot: connection.slot, serial: connection.channels[index].serial)
        var flags = table.subscription(subscription, of: topic).flags
        flags.insert(.catchingUp)
        table.update(subscription, of: topic, position: position, flags: flags)
        let farthest = mayGap ? Int64.max : position + CatchUp.maximumReplay
        let tail = min(tail(of: topic), farthest)
        let step: CatchUp.Step
        if var catchUp = catchUps[id] {
            guard catchUp.pending == nil else { return }
            catchUp.postponed = nil
            step = catchUp.machine.rewind(to: position, tail: tail)
            catchUps[id] = catchUp
        } else {
            var catchUp = ChannelCatchUp()
            step = catchUp.machine.start(
                .position(self.position(position)), tail: tail, epoch: storage.epoch)
            catchUps[id] = catchUp
        }
        if case .replay(let range) = step.action { postpone(range, of: id) }
        if case .gap(let from, let to) = step.verdict, let place = place(of: id) {
            sendGap(from, to, to: place.channel, connection)
        }
        if step.action == .live { goLive(id) }
    }

    private func postpone(_ range: ClosedRange<Int64>, of id: ChannelID) {
        catchUps[id]?.postponed = range
        waitingForRoom.insert(id.slot)
    }

    private func perform(_ step: CatchUp.Step, of id: ChannelID) {
        guard let place = place(of: id) else { return }
        if let verdict = step.verdict {
            if let pending = catchUps[id]?.pending {
                catchUps[id]?.pending = nil
                welcomeIn(
                    place.channel, place.connection, pending, verdict: verdict,
                    tail: tail(of: place.topic))
            }
        }
        perform(step.action, of: id)
    }

    private func perform(_ action: CatchUp.Action, of id: ChannelID) {
        guard let place = place(of: id) else { return }
        switch action {
        case .none: break
        case .confirmHead: confirmHead(of: place.channel.topic, for: id)
        case .live: goLive(id)
        case .replay(let range):
            if outboxes.waitingBytes(of: id.slot) > Self.lowWater {
                postpone(range, of: id)
            } else {
                read(range, of: place.channel.topic, place.topic, for: id)
            }
        }
    }

    private func goLive(_ id: ChannelID) {
        guard let place = place(of: id), let catchUp = catchUps.removeValue(forKey: id) else {
            return
        }
        var flags = table.subscription(place.subscription, of: place.topic).flags
        flags.remove(.catchingUp)
        table.update(
            place.subscription, of: place.topic, position: catchUp.machine.position, flags: flags)
    }

    /// A position ahead of what this node has delivered may be real: another node's delivery was
    /// faster. The log knows.
    private func confirmHead(of topic: TopicName, for id: ChannelID) {
        storage.log.heads(of: [topic]) { [self] result in
            guard let place = place(of: id), catchUps[id] != nil else { return }
            switch result {
            case .success(let heads):
                post(home(of: topic), .headMoved(topic: topic, seq: heads[0].seq))
                if let step = catchUps[id]?.machine.headConfirmed(
                    heads[0].seq, tail: tail(of: place.topic))
                {
                    perform(step, of: id)
                }
            case .failure:
                // The client joins again by itself, and finds the database back or not.
                refuseLate(id, Home.noDatabase)
            }
        }
    }

    private func refuseLate(_ id: ChannelID, _ refusal: Refusal) {
        guard let place = place(of: id), let pending = catchUps[id]?.pending else { return }
        place.connection.channels.removeAll { $0.serial == id.serial }
        end(place.channel, of: place.connection)
        let member = memberID(place.connection, place.channel)
        post(home(of: place.channel.topic), .lost(topic: place.channel.topic, member))
        let envelope = Envelope(
            joinRef: place.channel.joinRef, ref: pending.ref, topic: place.channel.wireTopic,
            event: ControlEvent.join, payload: .json(Self.nothing))
        refuse(envelope, refusal, place.connection)
    }

    // MARK: Pages

    private func read(
        _ range: ClosedRange<Int64>, of name: TopicName, _ topic: TopicIndex, for id: ChannelID
    ) {
        let recent = localTopics[topic.slot]?.recent.entries(
            after: range.lowerBound - 1, through: range.upperBound)
        if let recent {
            return arrived(.success(recent), range, for: id)
        }
        let key = ReadKey(topic: name, range: range)
        if reads[key] != nil {
            reads[key]?.append(id)
            return
        }
        reads[key] = [id]
        storage.log.entries(of: name, in: range, limit: range.count) { [self] result in
            for waiting in reads.removeValue(forKey: key) ?? [] {
                arrived(result, range, for: waiting)
            }
        }
    }

    private func arrived(
        _ result: Result<[Entry], StorageError>, _ range: ClosedRange<Int64>, for id: ChannelID
    ) {
        guard let place = place(of: id), var catchUp = catchUps[id] else { return }
        switch result {
        case .success(let entries):
            let (page, action) = catchUp.machine.pageArrived(
                range, entries, tail: tail(of: place.topic), at: now)
            catchUps[id] = catchUp
            guard send(page, to: place) else { return }
            perform(action, of: id)
        case .failure:
            catchUp.machine.pageFailed(range, at: now)
            catchUps[id] = catchUp
        }
    }

    /// Sends replayed entries; false when the outbox was full and the channel was turned back.
    private func send(_ page: [Entry], to place: Place) -> Bool {
        guard let event = localTopics[place.topic.slot]?.traits.postEvent else { return true }
        let dialect = place.connection.dialect(ofAlias: place.channel.isAlias)
        for entry in page {
            var broadcast = self.broadcast(entry, as: event, in: place.channel.topic)
            let kind = FrameKind.entry(channel: place.channel.number, seq: entry.seq)
            guard append(broadcast.frame(dialect, deflater), kind, to: place.connection) else {
                rewind(
                    place.connection, channelNumber: place.channel.number, to: entry.seq - 1,
                    mayGap: false)
                return false
            }
            counters.deliveries += 1
        }
        return true
    }

    // MARK: Room and time

    /// The outbox has room again: postponed pages and stale presence go on.
    func drained(_ connection: EdgeConnection) {
        guard waitingForRoom.remove(connection.slot) != nil else { return }
        for channel in connection.channels {
            let id = ChannelID(slot: connection.slot, serial: channel.serial)
            if let range = catchUps[id]?.postponed {
                catchUps[id]?.postponed = nil
                perform(CatchUp.Action.replay(range), of: id)
            }
            if presenceIsStale(of: channel), catchUps[id]?.pending == nil {
                wantPresence(of: channel, connection)
            }
        }
    }

    func wantPresence(of channel: Channel, _ connection: EdgeConnection) {
        let member = memberID(connection, channel)
        post(home(of: channel.topic), .presenceWanted(topic: channel.topic, member))
    }

    func retryCatchUps() {
        for id in Array(catchUps.keys) {
            guard let place = place(of: id), let deadline = catchUps[id]?.machine.nextDeadline,
                deadline <= now,
                let action = catchUps[id]?.machine.timePassed(
                    tail: tail(of: place.topic), at: now)
            else { continue }
            perform(action, of: id)
        }
    }

    // MARK: Places

    /// Where a joined channel stands.
    struct Place {
        let connection: EdgeConnection
        let channel: Channel
        let topic: TopicIndex
        let subscription: SubscriptionID
    }

    private func place(of id: ChannelID) -> Place? {
        guard let connection = self[id.slot],
            let index = connection.channelIndex(serial: id.serial),
            case .joined(let topic, let subscription) = connection.channels[index].phase
        else { return nil }
        return Place(
            connection: connection, channel: connection.channels[index], topic: topic,
            subscription: subscription)
    }

    private func tail(of topic: TopicIndex) -> Int64 {
        localTopics[topic.slot]?.tail ?? 0
    }
}
