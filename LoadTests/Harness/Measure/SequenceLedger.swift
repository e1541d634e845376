/// Holds one subscriber's stream to its promise: every number once, in order.
///
/// Costs 40 bytes and an addition while the promise is kept.
struct SequenceLedger: Sendable {
    /// The lowest number above everything seen.
    private var next: Int64

    /// Numbers that were jumped over and have not come since, in ascending order.
    private var holes: [ClosedRange<Int64>] = []

    private(set) var received = 0
    private(set) var duplicated = 0
    private(set) var outOfOrder = 0

    /// `first` is the number the stream has to begin with.
    init(first: Int64) {
        next = first
    }

    /// The highest number seen, from which a subscriber resumes; one below the first at first.
    var last: Int64 { next - 1 }

    mutating func receive(_ number: Int64) {
        if number == next {
            next += 1
            received += 1
        } else if number > next {
            holes.append(next...number - 1)
            next = number + 1
            received += 1
        } else if fill(number) {
            outOfOrder += 1
            received += 1
        } else {
            duplicated += 1
        }
    }

    /// How many of the numbers up to `last` never came.
    func lost(through last: Int64) -> Int {
        let skipped = holes.reduce(0) { $0 + $1.count }
        return skipped + Int(max(0, last + 1 - next))
    }

    /// Takes a number out of the holes; false when it was in none, so seen before.
    private mutating func fill(_ number: Int64) -> Bool {
        guard let index = holes.firstIndex(where: { $0.contains(number) }) else { return false }
        let hole = holes[index]
        var rest: [ClosedRange<Int64>] = []
        if hole.lowerBound < number { rest.append(hole.lowerBound...number - 1) }
        if number < hole.upperBound { rest.append(number + 1...hole.upperBound) }
        holes.replaceSubrange(index...index, with: rest)
        return true
    }
}

/// What the ledgers of all subscribers add up to.
struct LedgerTotals: Equatable, Sendable {
    var received = 0
    var lost = 0
    var duplicated = 0
    var outOfOrder = 0

    mutating func add(_ ledger: SequenceLedger, through last: Int64) {
        received += ledger.received
        lost += ledger.lost(through: last)
        duplicated += ledger.duplicated
        outOfOrder += ledger.outOfOrder
    }
}
