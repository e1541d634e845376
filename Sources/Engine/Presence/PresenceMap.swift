package import Basics

/// Who is present in one topic: the authority, kept at the topic's home.
///
/// Each meta of a key is in one of two states:
///
///     attached ──connection lost──▶ detached ──grace over──▶ gone
///         ▲                            │
///         └──resumed, or adopted───────┘        attached ──left──▶ gone
///
/// *Attached*: its member has a connection. *Detached*: it has none, and others see no
/// difference until the grace is over. Who comes back within it causes no diff at all.
///
/// Changes gather in one pending diff, which the caller takes when it sees fit: a meta that joined
/// and left in between was never there.
///
/// *Who may enter*: whom the caller tracks. *What is kept*: a state of each meta, in memory.
/// *Who hears it*: the caller's business. *Limits*: ``Limits``.
package struct PresenceMap {
    /// How much a topic's map may hold, and how long it waits for the lost.
    package struct Limits: Sendable {
        /// 30 seconds cover a lift ride and a change from Wi-Fi to mobile.
        package var grace: Duration = .seconds(30)
        /// 32 metas: more tabs and devices than a person has; a script has more.
        package var metasPerKey = 32
        /// 10,000 keys: twice the largest audience planned for, some 10 MB at the largest states.
        package var keys = 10_000
        /// 768 KiB as JSON: the whole state goes to everybody who joins, in one frame that must fit
        /// an outbox of 1 MiB beside the reply and whatever else waits. Some 6,500 people with a
        /// name and a role. Without it one person with two connections filled a topic with states
        /// that closed everybody who joined it.
        package var bytes = 768 << 10

        package init() {}
    }

    private struct Meta {
        var member: PresenceMember
        let device: String?
        var shown: PresenceMeta
        /// `attached` without a deadline: an optional would cost each meta eight bytes, and its
        /// list sixteen.
        private var end = attached

        private static let attached = Instant(nanoseconds: .max)

        init(member: PresenceMember, device: String?, shown: PresenceMeta) {
            self.member = member
            self.device = device
            self.shown = shown
        }

        /// Nil while attached.
        var deadline: Instant? {
            get { end == Meta.attached ? nil : end }
            set { end = newValue ?? Meta.attached }
        }
    }

    private struct Departure {
        let member: PresenceMember
        let deadline: Instant
    }

    private let limits: Limits
    private let generation: String
    private var lastNumber: UInt64 = 0
    private var groups: [String: [Meta]] = [:]
    private var keys: [PresenceMember: String] = [:]
    /// Detached members by deadline. Who came back leaves an entry behind, skipped when due.
    private var departures: [Departure] = []
    private var detachedCount = 0
    /// What ``snapshot()`` has as JSON, about.
    private(set) var bytes = 0
    private var pending = PendingDiff()

    /// A map whose refs are unique as long as no two maps of a topic share a `generation`: the
    /// moment of the process's start will do.
    package init(generation: UInt32, limits: Limits = Limits()) {
        self.generation = String(generation, radix: 36)
        self.limits = limits
    }

    /// How many keys are present.
    package var count: Int { groups.count }

    /// How many metas are present, of all keys.
    package var metaCount: Int { keys.count }

    /// True when ``takeDiff()`` would return something.
    package var hasDiff: Bool { !pending.isEmpty }

    /// When ``expire(at:)`` wants to be called; nil while nobody is detached.
    ///
    /// Never later than needed; sometimes earlier, when whoever waited came back.
    package var nextDeadline: Instant? {
        detachedCount == 0 ? nil : departures.first?.deadline
    }

    /// Makes a member present, or changes its state.
    ///
    /// The same state again changes nothing. Another state is an update: a join of the new meta
    /// and a leave of the old. A new member first takes the place of a detached meta, as
    /// ``adopt(key:member:device:)`` does.
    package mutating func track(
        key: String, member: PresenceMember, device: String? = nil, state: PresenceState
    ) throws(PresenceRefusal) {
        if let tracked = keys[member], tracked != key { leave(member) }
        if keys[member] != nil || adopt(key: key, member: member, device: device) {
            _ = resumed(member)
            return try update(member, to: state)
        }
        let others = groups[key]
        guard others != nil || groups.count < limits.keys else {
            throw .tooManyKeys(limit: limits.keys)
        }
        guard others?.count ?? 0 < limits.metasPerKey else {
            throw .tooManyMetas(limit: limits.metasPerKey)
        }
        let shown = PresenceMeta(ref: nextRef(), previousRef: nil, state: state)
        try weigh(shown.weight(under: key))
        groups[key, default: []].append(
            Meta(member: member, device: device, shown: shown))
        keys[member] = key
        pending.join(shown, key: key)
    }

    /// Gives a new member the place of a detached meta of its key, silently: same ref, same
    /// state, no diff.
    ///
    /// Where both name a device it must be the same one. Returns false when nobody's place is free.
    package mutating func adopt(
        key: String, member: PresenceMember, device: String? = nil
    ) -> Bool {
        guard keys[member] == nil, let metas = groups[key] else { return false }
        let place = metas.firstIndex { meta in
            meta.deadline != nil
                && (meta.device == nil || device == nil || meta.device == device)
        }
        guard let place else { return false }
        keys[metas[place].member] = nil
        keys[member] = key
        groups[key]?[place].member = member
        groups[key]?[place].deadline = nil
        detachedCount -= 1
        return true
    }

    /// The member has a connection again. Returns false when its grace was over.
    package mutating func resumed(_ member: PresenceMember) -> Bool {
        guard let (key, place) = find(member) else { return false }
        if groups[key]?[place].deadline != nil {
            groups[key]?[place].deadline = nil
            detachedCount -= 1
        }
        return true
    }

    /// The member's connection was lost without a word: its place is kept for the grace time.
    package mutating func lost(_ member: PresenceMember, at now: Instant) {
        guard let (key, place) = find(member), groups[key]?[place].deadline == nil else { return }
        let deadline = now.advanced(by: limits.grace)
        groups[key]?[place].deadline = deadline
        detachedCount += 1
        departures.append(Departure(member: member, deadline: deadline))
        if departures.count > 2 * detachedCount + PresenceMap.slack {
            departures = departures.filter { isDue($0) }
        }
    }

    /// The member left, or no longer wants to be seen: it is gone at once. Idempotent.
    package mutating func leave(_ member: PresenceMember) {
        guard let (key, place) = find(member), let meta = groups[key]?.remove(at: place) else {
            return
        }
        if groups[key]?.isEmpty == true { groups[key] = nil }
        if meta.deadline != nil { detachedCount -= 1 }
        keys[member] = nil
        bytes -= meta.shown.weight(under: key)
        pending.leave(meta.shown, key: key)
    }

    /// Ends every grace that is over.
    package mutating func expire(at now: Instant) {
        let due = departures.prefix { $0.deadline <= now }
        departures.removeFirst(due.count)
        for departure in due where isDue(departure) {
            leave(departure.member)
        }
        let stale = departures.prefix { !isDue($0) }.count
        departures.removeFirst(stale)
    }

    /// What changed since this was last called; nil when nothing did.
    ///
    /// Whoever got a ``snapshot()`` meanwhile may get a diff that repeats some of it; the refs
    /// make that harmless.
    package mutating func takeDiff() -> PresenceDiff? {
        pending.isEmpty ? nil : pending.take()
    }

    /// Everybody present, the detached included, in no promised order of keys.
    ///
    /// Mutating, because whoever leaves afterwards must be told as gone even to those who have
    /// not heard that they came.
    package mutating func snapshot() -> [PresenceGroup] {
        pending.snapshotTaken()
        return groups.map { PresenceGroup(key: $0.key, metas: $0.value.map(\.shown)) }
    }

    /// The metas of one key.
    package func metas(of key: String) -> [PresenceMeta] {
        groups[key, default: []].map(\.shown)
    }

    /// Departures of those who came back that are not worth a sweep.
    private static let slack = 64

    private mutating func update(
        _ member: PresenceMember, to state: PresenceState
    ) throws(PresenceRefusal) {
        guard let (key, place) = find(member), let old = groups[key]?[place].shown,
            old.state != state
        else { return }
        // Others know the old meta only if a diff has told them; if not, the new one follows
        // whatever that one followed.
        let previous = pending.isUnannounced(old.ref) ? old.previousRef : old.ref
        let new = PresenceMeta(ref: nextRef(), previousRef: previous, state: state)
        try weigh(new.weight(under: key) - old.weight(under: key))
        groups[key]?[place].shown = new
        pending.leave(old, key: key)
        pending.join(new, key: key)
    }

    /// Notes that the map grows by `growth` bytes, unless that is too much.
    private mutating func weigh(_ growth: Int) throws(PresenceRefusal) {
        guard growth <= 0 || bytes + growth <= limits.bytes else {
            throw .tooManyBytes(limit: limits.bytes)
        }
        bytes += growth
    }

    private func find(_ member: PresenceMember) -> (key: String, place: Int)? {
        guard let key = keys[member],
            let place = groups[key]?.firstIndex(where: { $0.member == member })
        else { return nil }
        return (key, place)
    }

    /// True when the member of a departure is still detached since then.
    private func isDue(_ departure: Departure) -> Bool {
        guard let (key, place) = find(departure.member) else { return false }
        return groups[key]?[place].deadline == departure.deadline
    }

    private mutating func nextRef() -> String {
        lastNumber += 1
        return "\(generation).\(String(lastNumber, radix: 36))"
    }
}
