import Basics
import PubSub
import Resume
import RoomContract

/// A topic with subscribers on this loop.
struct LocalTopic {
    let traits: RoomTraits
    /// The `seq` of the last entry that came from the home.
    var tail: Int64
    /// The newest entries, so that a short absence costs no read.
    var recent = RecentEntries()
    /// What is being walked, first come first served.
    var walking: [Walk] = []

    init(traits: RoomTraits, tail: Int64) {
        self.traits = traits
        self.tail = tail
    }
}

/// Broadcasts that go to all subscribers in one walk, so that each connection gets all of them
/// with one system call.
struct Walk {
    var broadcasts: [Broadcast]
    /// Events for one member that must not overtake the broadcasts.
    var followers: [(event: Event, member: MemberID)] = []
    /// Somebody was visited: no broadcast may be added any more.
    var isUnderWay = false
}

// What homes say goes to everybody here who should hear it: one walk at a time per topic, in
// chunks, so that a large room does not hold up pings and small rooms.
extension Edge {
    func deliver(_ entries: [Entry], in name: TopicName) {
        guard let topic = table.index(of: name), localTopics[topic.slot] != nil,
            let event = localTopics[topic.slot]?.traits.postEvent
        else { return }
        var broadcasts: [Broadcast] = []
        for entry in entries {
            guard let tail = localTopics[topic.slot]?.tail, entry.seq > tail else { continue }
            localTopics[topic.slot]?.tail = entry.seq
            localTopics[topic.slot]?.recent.append(entry)
            broadcasts.append(broadcast(entry, as: event, in: name))
        }
        start(Walk(broadcasts: broadcasts), over: topic)
    }

    func spread(_ event: Event, in name: TopicName, cause: MemberID?) {
        guard let topic = table.index(of: name), localTopics[topic.slot] != nil else { return }
        let broadcast = Broadcast(topic: name, content: .event(event), cause: cause)
        start(Walk(broadcasts: [broadcast]), over: topic)
    }

    func broadcast(_ entry: Entry, as event: String, in topic: TopicName) -> Broadcast {
        let position = position(entry.seq)
        return Broadcast(
            topic: topic,
            content: .entry(
                seq: entry.seq, event: event,
                payload: EntryPayload.encode(entry, at: position), position: position))
    }

    private func start(_ walk: Walk, over topic: TopicIndex) {
        guard !walk.broadcasts.isEmpty else { return }
        localTopics[topic.slot]?.walking.append(walk)
        guard localTopics[topic.slot]?.walking.count == 1 else { return }
        table.beginWalk(of: topic)
        walks.append(topic)
    }

    /// Has an event for one member wait for the entries that were delivered before it, so that a
    /// count never comes before what it counts. False when nothing is being delivered.
    func follow(_ event: Event, to member: MemberID, in topic: TopicIndex) -> Bool {
        guard let last = localTopics[topic.slot]?.walking.indices.last else { return false }
        localTopics[topic.slot]?.walking[last].followers.append((event, member))
        return true
    }

    /// One turn's share of every walk under way.
    ///
    /// Cost per delivery: two loads, one append to an outbox; the frame is shared by all.
    func walkOn() {
        var budget = deliveriesPerTurn
        var round = walks
        walks = []
        while !round.isEmpty {
            let topic = round.removeFirst()
            if budget > 0 { budget -= walkChunk(of: topic) }
            if localTopics[topic.slot]?.walking.isEmpty == false { walks.append(topic) }
            if round.isEmpty && budget > 0 {
                round = walks
                walks = []
            }
        }
    }

    /// What waits for this topic goes in one walk: ten messages in one `send` cost a ninth of ten.
    private func gatherWalks(of topic: TopicIndex) {
        guard let waiting = localTopics[topic.slot]?.walking, let first = waiting.first,
            !first.isUnderWay
        else { return }
        localTopics[topic.slot]?.walking = [
            Walk(
                broadcasts: waiting.flatMap(\.broadcasts),
                followers: waiting.flatMap(\.followers), isUnderWay: true)
        ]
        table.widenWalk(of: topic)
    }

    /// Walks one chunk; returns how many deliveries it was worth.
    ///
    /// A connection costs a system call; a further message in it an eighth of that, or less.
    private func walkChunk(of topic: TopicIndex) -> Int {
        gatherWalks(of: topic)
        guard var walk = localTopics[topic.slot]?.walking.first else { return 0 }
        guard let chunk = table.nextChunk(of: topic) else {
            finishWalk(of: topic)
            return 0
        }
        // Taken out while it is changed, so that its frames are not copied.
        localTopics[topic.slot]?.walking[0].broadcasts = []
        for place in chunk { hand(&walk, to: place, of: topic) }
        localTopics[topic.slot]?.walking[0] = walk
        return chunk.count * (7 + walk.broadcasts.count) / 8
    }

    private func finishWalk(of topic: TopicIndex) {
        // The last subscriber may have left during the walk, and the topic have ended with it.
        guard let local = localTopics[topic.slot] else { return }
        let finished = localTopics[topic.slot]?.walking.removeFirst()
        for (event, member) in finished?.followers ?? [] { pushNow(event, to: member) }
        guard table.subscriberCount(of: topic) > 0 else {
            localTopics[topic.slot] = nil
            return
        }
        if local.walking.count > 1 { table.beginWalk(of: topic) }
    }

    private func hand(_ walk: inout Walk, to place: Int, of topic: TopicIndex) {
        guard let subscription = table[topic: topic, place: place],
            let connection = self[subscription.connection]
        else { return }
        let dialect = Dialect(rawValue: subscription.dialect)
        var position = subscription.position
        for index in walk.broadcasts.indices {
            switch walk.broadcasts[index].content {
            case .entry(let seq, _, _, _):
                guard !subscription.flags.contains(.catchingUp), seq > position else { continue }
                let frame = walk.broadcasts[index].frame(dialect, deflater)
                let kind = FrameKind.entry(channel: subscription.channel, seq: seq)
                guard append(frame, kind, to: connection) else {
                    table.advance(topic, place: place, to: position)
                    overflowed(connection, losing: (subscription.channel, seq))
                    return
                }
                position = seq
                counters.deliveries += 1
            case .event(let event):
                guard hears(subscription, event, cause: walk.broadcasts[index].cause) else {
                    continue
                }
                let frame = walk.broadcasts[index].frame(dialect, deflater)
                guard !frame.isEmpty else { continue }
                hand(frame, event, to: subscription, at: place, of: topic, connection)
            }
        }
        if position != subscription.position {
            table.advance(topic, place: place, to: position)
        }
    }

    private func hears(_ subscription: Subscription, _ event: Event, cause: MemberID?) -> Bool {
        switch event.kind {
        case .system:
            return subscription.flags.contains(.wantsPresence)
                && !subscription.flags.contains(.presenceIsStale)
        case .room:
            guard let cause, Int(cause.loop) == loop, cause.slot == subscription.connection,
                UInt32(truncatingIfNeeded: cause.serial) == subscription.channel
            else { return true }
            return subscription.flags.contains(.hearsItself)
        }
    }

    private func hand(
        _ frame: [UInt8], _ event: Event, to subscription: Subscription, at place: Int,
        of topic: TopicIndex, _ connection: EdgeConnection
    ) {
        let kind: FrameKind =
            switch event.kind {
            case .room: .event
            case .system: .presence(channel: subscription.channel)
            }
        if append(frame, kind, to: connection) {
            counters.deliveries += 1
            return
        }
        counters.droppedEvents += 1
        if case .system = event.kind {
            markPresenceStale(connection, channelNumber: subscription.channel)
        }
    }

    // MARK: Slow readers

    /// An outbox is full: what can come again later is discarded, and its channels are turned to
    /// paging from the first entry they lost, `losing` included, which found no room.
    func overflowed(
        _ connection: EdgeConnection, losing: (channel: UInt32, seq: Int64)? = nil
    ) {
        var firstLost: [UInt32: Int64] = [:]
        if let losing { firstLost[losing.channel] = losing.seq }
        for kind in connection.outbox.discardWaiting(pool: &pool) {
            switch kind {
            case .reply: break
            case .event: counters.droppedEvents += 1
            case .presence(let channel):
                markPresenceStale(connection, channelNumber: channel)
            case .entry(let channel, let seq):
                firstLost[channel] = min(firstLost[channel] ?? .max, seq)
            }
        }
        for (channel, seq) in firstLost {
            rewind(connection, channelNumber: channel, to: seq - 1, mayGap: true)
        }
    }

    private func markPresenceStale(_ connection: EdgeConnection, channelNumber: UInt32) {
        guard let index = connection.channelIndex(number: channelNumber) else { return }
        setPresenceIsStale(true, of: connection.channels[index])
        waitingForRoom.insert(connection.slot)
    }

    /// Who has a stale presence hears no diffs until a whole state has come.
    func setPresenceIsStale(_ isStale: Bool, of channel: Channel) {
        guard case .joined(let topic, let subscription) = channel.phase else { return }
        let current = table.subscription(subscription, of: topic)
        var flags = current.flags
        if isStale { flags.insert(.presenceIsStale) } else { flags.remove(.presenceIsStale) }
        table.update(subscription, of: topic, position: current.position, flags: flags)
    }

    func presenceIsStale(of channel: Channel) -> Bool {
        guard case .joined(let topic, let subscription) = channel.phase else { return false }
        return table.subscription(subscription, of: topic).flags.contains(.presenceIsStale)
    }
}
