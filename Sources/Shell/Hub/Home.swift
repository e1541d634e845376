package import Basics
import Presence
import PubSub
import Resume
package import RoomContract

/// The part of a loop that decides for topics: rooms, members, order, access, presence.
///
/// Each topic has one home loop (by hash). All its commands come here, so a room needs no lock
/// and its decisions have one order. What members hear goes out as ``EdgeMail``; nothing here
/// knows a connection.
///
/// Confined to one loop.
package final class Home {
    let loop: Int
    let loops: Int
    let catalog: RoomCatalog
    let storage: HubStorage
    let clock: any Clock
    let log: Log
    let post: (Int, EdgeMail) -> Void
    let graceOfPresence: Duration
    /// Distinguishes the presence refs of this process from those before a restart.
    let generation: UInt32

    var topics: [TopicName: HomeTopic] = [:]
    /// Members that asked to join and were not answered yet.
    var joining: Set<MemberID> = []
    var access = AccessCache()
    /// Who waits for an answer about access.
    var waitingForFacts: [AccessQuery: [JoinMail]] = [:]
    /// Members whose access must be looked at again.
    var rechecks: Set<AccessQuery> = []
    /// When facts of members end by themselves.
    var endings: [AccessQuery: Timestamp] = [:]
    var accessIsWatched = true
    /// How many pages of history each member waits for; absent for none.
    var historyReads: [MemberID: Int] = [:]
    var writer = GroupCommit()
    var appends: [GroupCommit.Ticket: PendingAppend] = [:]
    var nextTicket: UInt64 = 0
    /// Topics whose presence changed since the last diff.
    var changedPresence: Set<TopicName> = []
    /// Topics in which somebody lost a connection and may come back.
    var inGrace: Set<TopicName> = []
    var now: Instant { clock.now }
    var wallClock: Timestamp { clock.wallClock }
    package private(set) var counters = HomeCounters()

    /// A draft on its way to the log and whom its outcome is owed to.
    struct PendingAppend {
        let draft: EntryDraft
        let member: MemberID
        let tag: ReplyTag
        let since: Instant
    }

    package init(
        loop: Int, loops: Int, catalog: RoomCatalog, storage: HubStorage,
        clock: any Clock, graceOfPresence: Duration, generation: UInt32, log: Log,
        post: @escaping (Int, EdgeMail) -> Void
    ) {
        self.loop = loop
        self.loops = loops
        self.catalog = catalog
        self.storage = storage
        self.graceOfPresence = graceOfPresence
        self.generation = generation
        self.clock = clock
        self.log = log
        self.post = post
    }

    /// How many topics are alive here.
    package var topicCount: Int { topics.count }

    /// Takes mail of an edge, or news from storage.
    package func receive(_ mail: HomeMail) {
        switch mail {
        case .join(let join):
            joining.insert(join.member)
            proceed(with: join)
        case .command(let topic, let member, let tag, let command):
            handle(command, from: member, in: topic, tag)
        case .leave(let topic, let member): leave(topic, member)
        case .lost(let topic, let member): lose(topic, member)
        case .presenceWanted(let topic, let member): sendPresence(of: topic, to: member)
        case .accessChanged(let changes): accessChanged(changes)
        case .accessIsWatched(let isWatched):
            accessIsWatched = isWatched
            if !isWatched { giveUpWaitingDrafts() }
        case .headMoved(let topic, let seq): headMoved(of: topic, to: seq)
        case .publish(let topic, let event, let payload):
            publish(event, payload, in: topic)
        }
    }

    /// What can be asked in bulk is asked at the end of a turn, once for all that happened in it.
    package func turnEnded() {
        askForFacts()
    }

    /// To be called about every 50 ms.
    package func tick() {
        flushPresence()
    }

    /// To be called about every second: heads may have moved on another node, facts may have
    /// ended by themselves, failed reads want another try.
    package func tickSlowly() {
        compareHeads()
        recheckEnded()
        retryReads()
    }

    // MARK: Topics

    /// The topic, made when nobody was in it.
    func topic(_ name: TopicName, _ kind: RoomCatalog.Kind) -> HomeTopic {
        if let topic = topics[name] { return topic }
        let topic = HomeTopic(
            name: name, kind: kind, loops: loops, presence: newPresence())
        topics[name] = topic
        return topic
    }

    private func newPresence() -> PresenceMap {
        var limits = PresenceMap.Limits()
        limits.grace = graceOfPresence
        return PresenceMap(generation: generation, limits: limits)
    }

    func forgetIfUnused(_ topic: HomeTopic) {
        guard topic.isUnused else { return }
        topics[topic.name] = nil
        changedPresence.remove(topic.name)
    }

    func send(_ event: Event, to topic: HomeTopic, cause: MemberID? = nil) {
        for loop in 0..<loops where topic.interest[loop] > 0 {
            post(loop, .event(topic: topic.name, event, cause: cause))
        }
    }

    func answer(_ member: MemberID, _ tag: ReplyTag, _ answer: Answer) {
        post(Int(member.loop), .answer(member, tag, answer))
    }

    func count(_ change: (inout HomeCounters) -> Void) {
        change(&counters)
    }

    private func leave(_ name: TopicName, _ member: MemberID) {
        joining.remove(member)
        guard let topic = topics[name], let left = topic.remove(member) else { return }
        forgetEnding(of: left, in: topic)
        topic.presence.leave(member.presenceID)
        presenceChanged(topic)
        forgetIfUnused(topic)
    }

    private func lose(_ name: TopicName, _ member: MemberID) {
        joining.remove(member)
        guard let topic = topics[name], let lost = topic.remove(member) else { return }
        forgetEnding(of: lost, in: topic)
        topic.presence.lost(member.presenceID, at: now)
        if topic.presence.nextDeadline != nil { inGrace.insert(name) }
        forgetIfUnused(topic)
    }
}

/// What a home counts, for the metrics.
package struct HomeCounters: Sendable {
    package init() {}

    /// How many batches had at most each number of drafts of ``batchBounds``, and how many more.
    package var batchBuckets = [Int](repeating: 0, count: HomeCounters.batchBounds.count + 1)
    /// Drafts of all batches.
    package var batchedDrafts = 0
    package var appended = 0
    package var repeated = 0
    package var refusedBusy = 0
    package var failedAppends = 0
    /// Sum of the time from a draft's submission to its answer, and the histogram of it.
    package var commitNanoseconds: Int64 = 0
    package var commitBuckets = [Int](repeating: 0, count: HomeCounters.commitBounds.count + 1)

    /// Upper bounds of the commit latency's histogram, in milliseconds.
    package static let commitBounds: [Int64] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000]

    /// Upper bounds of the batches' histogram, in drafts; 500 is the largest batch.
    package static let batchBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500]

    mutating func wrote(_ drafts: Int) {
        batchedDrafts += drafts
        let place = Self.batchBounds.firstIndex { drafts <= $0 }
        batchBuckets[place ?? Self.batchBounds.count] += 1
    }

    mutating func committed(after duration: Duration) {
        let nanoseconds = duration.inNanoseconds
        commitNanoseconds += nanoseconds
        let place = Self.commitBounds.firstIndex { nanoseconds <= $0 * 1_000_000 }
        commitBuckets[place ?? Self.commitBounds.count] += 1
    }
}
