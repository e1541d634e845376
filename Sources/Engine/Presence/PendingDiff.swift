/// Joins and leaves on their way into one diff, in the order in which they happened.
///
/// A meta that joined and left before the diff was taken was never there, unless somebody got a
/// snapshot in between: they must be told that it is gone.
struct PendingDiff {
    private struct Change {
        let key: String
        let meta: PresenceMeta
        /// How many snapshots had been taken when it changed.
        let snapshots: Int
    }

    private var joins: [String: Change] = [:]
    private var leaves: [Change] = []
    /// The refs of `joins` in order; a cancelled one stays until the diff is taken.
    private var joinOrder: [String] = []
    private var snapshots = 0

    var isEmpty: Bool { joins.isEmpty && leaves.isEmpty }

    /// True while nobody has been told of the meta with this ref.
    func isUnannounced(_ ref: String) -> Bool {
        joins[ref].map { $0.snapshots == snapshots } ?? false
    }

    /// Notes that somebody was shown everybody who is there now. O(1).
    mutating func snapshotTaken() {
        snapshots += 1
    }

    mutating func join(_ meta: PresenceMeta, key: String) {
        joins[meta.ref] = Change(key: key, meta: meta, snapshots: snapshots)
        joinOrder.append(meta.ref)
        // Somebody who flickers between two diffs leaves cancelled refs behind.
        if joinOrder.count > 2 * joins.count + PendingDiff.slack {
            joinOrder.removeAll { joins[$0] == nil }
        }
    }

    mutating func leave(_ meta: PresenceMeta, key: String) {
        let isUnannounced = isUnannounced(meta.ref)
        joins[meta.ref] = nil
        if !isUnannounced {
            leaves.append(Change(key: key, meta: meta, snapshots: snapshots))
        }
    }

    /// Everything pending, grouped by key; nothing is pending afterwards.
    mutating func take() -> PresenceDiff {
        let diff = PresenceDiff(
            joins: PendingDiff.grouped(joinOrder.compactMap { joins[$0] }),
            leaves: PendingDiff.grouped(leaves))
        self = PendingDiff()
        return diff
    }

    /// Cancelled refs that are not worth a sweep.
    private static let slack = 64

    private static func grouped(_ changes: [Change]) -> [PresenceGroup] {
        var groups: [PresenceGroup] = []
        var places: [String: Int] = [:]
        for change in changes {
            if let place = places[change.key] {
                groups[place].metas.append(change.meta)
            } else {
                places[change.key] = groups.count
                groups.append(PresenceGroup(key: change.key, metas: [change.meta]))
            }
        }
        return groups
    }
}
