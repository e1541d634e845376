/// The newest committed entries of one topic, in memory, so that a short absence costs no read.
///
/// Contiguous always: an entry that does not follow the newest one starts it afresh.
///
/// *Limits*: ``maximumCount`` and ``maximumBytes``; the oldest give way.
package struct RecentEntries {
    /// The entry of each `seq` at `seq` modulo the count, which doubles as entries come: most
    /// topics are of one person and never see a second entry.
    private var slots: [Entry?] = []
    private var oldest: Int64 = 1
    private var newest: Int64 = 0
    /// What the entries weigh together.
    package private(set) var bytes = 0

    package init() {}

    /// 128 entries: what a busy channel says in the minute of a lift ride or a Wi-Fi change.
    package static let maximumCount = 128
    /// 256 KiB a topic: 1,000 busy topics are 256 MB at the very most.
    package static let maximumBytes = 256 << 10

    /// How many entries are held.
    package var count: Int { Int(newest - oldest) + 1 }

    /// Adds the entry that follows the newest; one that repeats it is ignored.
    package mutating func append(_ entry: Entry) {
        if count > 0, entry.seq == newest { return }
        if count == 0 || entry.seq != newest + 1 { restart(at: entry.seq) }
        if count == RecentEntries.maximumCount { dropOldest() }
        if count == slots.count { grow() }
        newest = entry.seq
        slots[place(of: entry.seq)] = entry
        bytes += entry.weight
        while bytes > RecentEntries.maximumBytes { dropOldest() }
    }

    /// Entries with `after < seq <= through`, or nil when not all of them are held.
    package func entries(after: Int64, through: Int64) -> [Entry]? {
        guard after < through else { return [] }
        guard count > 0, after >= oldest - 1, through <= newest else { return nil }
        return (after + 1...through).compactMap { slots[place(of: $0)] }
    }

    private func place(of seq: Int64) -> Int {
        Int(seq % Int64(slots.count))
    }

    private mutating func grow() {
        let kept = count == 0 ? [] : (oldest...newest).map { slots[place(of: $0)] }
        slots = Array(repeating: nil, count: max(1, slots.count * 2))
        for entry in kept {
            if let entry { slots[place(of: entry.seq)] = entry }
        }
    }

    private mutating func restart(at seq: Int64) {
        while count > 0 { dropOldest() }
        oldest = seq
        newest = seq - 1
    }

    private mutating func dropOldest() {
        let place = place(of: oldest)
        bytes -= slots[place]?.weight ?? 0
        slots[place] = nil
        oldest += 1
    }
}

extension Entry {
    /// Roughly what an entry costs in memory: its bytes and 128 for the fields and allocations.
    var weight: Int { body.count + sender.utf8.count + clientID.utf8.count + 128 }
}
