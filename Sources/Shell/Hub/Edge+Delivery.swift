import Basics
import PubSub
import Resume
import RoomContract
import WebSocket

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
        start(Walk(broadcasts, on: loop), over: topic)
    }

    func spread(_ event: Event, in name: TopicName, cause: MemberID?) {
        guard let topic = table.index(of: name), localTopics[topic.slot] != nil else { return }
        let broadcast = Broadcast(topic: name, content: .event(event), cause: cause)
        start(Walk([broadcast], on: loop), over: topic)
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
        guard walk.count > 0 else { return }
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
    /// Cost per delivery: two cache lines, the subscription and the outbox; the bytes are shared
    /// by all. ``Walk/visit(_:_:_:_:)`` is what happens to each subscriber.
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
        var all = Walk()
        all.isUnderWay = true
        for walk in waiting { all.append(walk) }
        localTopics[topic.slot]?.walking = [all]
        table.widenWalk(of: topic)
    }

    /// Walks one chunk; returns how many deliveries it was worth.
    ///
    /// A connection costs a system call; a further message in it an eighth of that, or less.
    private func walkChunk(of topic: TopicIndex) -> Int {
        gatherWalks(of: topic)
        guard var walk = localTopics[topic.slot]?.walking.first else { return 0 }
        // Taken out while it is changed, so that its frames are not copied.
        localTopics[topic.slot]?.walking[0] = Walk()
        let tally = Edge.visitChunk(of: topic, walk: &walk, &table, &outboxes, deflater)
        localTopics[topic.slot]?.walking[0] = walk
        guard let tally else {
            finishWalk(of: topic)
            return 0
        }
        counters.deliveries += tally.delivered
        counters.framesOut += tally.delivered
        makeRoom(for: tally.misfits)
        return tally.visited * (7 + walk.count) / 8
    }

    /// Visits one chunk; nil when the walk is over.
    ///
    /// Without `self`, so that nothing is asked of this object for each subscriber.
    private static func visitChunk(
        of topic: TopicIndex, walk: inout Walk, _ table: inout TopicTable,
        _ outboxes: inout OutboxTable, _ deflater: Deflater
    ) -> Tally? {
        var tally = Tally()
        let isUnderWay = table.visitChunk(of: topic) { subscriber in
            walk.visit(&subscriber, &outboxes, deflater, &tally)
        }
        return isUnderWay ? tally : nil
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

    // MARK: Slow readers

    /// Deals with what found no room in a chunk: an event is gone, presence is sent as a state
    /// later, and an entry turns everything of its connection that can come again to paging.
    private func makeRoom(for misfits: [(connection: UInt32, kind: FrameKind)]) {
        var lost: [UInt32: [FrameKind]] = [:]
        for misfit in misfits {
            switch misfit.kind {
            case .reply: break
            case .event: counters.droppedEvents += 1
            case .presence(let channel):
                counters.droppedEvents += 1
                guard let connection = self[misfit.connection] else { continue }
                markPresenceStale(connection, channelNumber: channel)
            case .entry: lost[misfit.connection, default: []].append(misfit.kind)
            }
        }
        // In the order of slots, so that a simulation runs the same way twice.
        for (slot, entries) in lost.sorted(by: { $0.key < $1.key }) {
            if let connection = self[slot] { overflowed(connection, losing: entries) }
        }
    }

    /// An outbox is full: what can come again later is discarded, and its channels are turned to
    /// paging from the first entry they lost, `losing` included, which found no room.
    func overflowed(_ connection: EdgeConnection, losing: [FrameKind] = []) {
        var firstLost: [UInt32: Int64] = [:]
        for kind in outboxes.discardWaiting(of: connection.slot) + losing {
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
