/// Deadlines by the ten thousand, each named by a number: a hashed wheel (Varghese, Lauck, SOSP
/// 1987, scheme 6).
///
/// Time is cut into ticks. A key fires in the first ``advance(to:)`` at or after its deadline,
/// never before it, and at most one tick late if the wheel is advanced every tick. Scheduling a
/// key again moves it.
///
/// Scheduling and cancelling are O(1); advancing visits the slots of the ticks passed, and in
/// each the keys of later rounds too. Confined to one loop.
package struct TimerWheel {
    private struct Node {
        var key: UInt64
        var tick: Int64
        var next: UInt32
        var previous: UInt32
    }

    private let origin: Instant
    private let tick: Int64
    /// Every tick up to this one was visited.
    private var visited: Int64 = 0
    /// First and last node of each slot.
    private var slots: [(first: UInt32, last: UInt32)]
    private var nodes: ContiguousArray<Node> = []
    private var firstFree = TimerWheel.none
    private var places: [UInt64: UInt32] = [:]

    private static let none = UInt32.max

    /// 512 slots: with ticks of 250 ms one round is 128 seconds, longer than any deadline that a
    /// connection has.
    package static let slotCount = 512

    /// 250 ms: fine enough for heartbeats and graces of 30 s, and four wake-ups a second.
    package static let defaultTick: Duration = .milliseconds(250)

    package init(tick: Duration = TimerWheel.defaultTick, at now: Instant) {
        precondition(tick > .zero, "time passes")
        origin = now
        self.tick = tick.inNanoseconds
        slots = Array(
            repeating: (TimerWheel.none, TimerWheel.none), count: TimerWheel.slotCount)
    }

    /// True when nothing is scheduled.
    package var isEmpty: Bool { places.isEmpty }

    /// How many keys are scheduled.
    package var count: Int { places.count }

    /// Fires `key` at `deadline`, and no longer when it was scheduled for before.
    ///
    /// A deadline that has passed fires in the next ``advance(to:)`` a tick from now.
    package mutating func schedule(_ key: UInt64, at deadline: Instant) {
        cancel(key)
        let elapsed = max(0, deadline.nanoseconds - origin.nanoseconds)
        let due = max(visited + 1, elapsed / tick + (elapsed % tick == 0 ? 0 : 1))
        let node = takeNode(
            Node(key: key, tick: due, next: TimerWheel.none, previous: TimerWheel.none))
        places[key] = node
        append(node, to: slot(of: due))
    }

    /// Forgets `key`, if it is scheduled.
    package mutating func cancel(_ key: UInt64) {
        guard let node = places.removeValue(forKey: key) else { return }
        unlink(node)
        free(node)
    }

    /// The keys whose deadline has come, by tick and within a tick in the order of scheduling.
    package mutating func advance(to now: Instant) -> [UInt64] {
        let target = (now.nanoseconds - origin.nanoseconds) / tick
        guard target > visited else { return [] }
        var expired: [(tick: Int64, key: UInt64)] = []
        // After a long sleep every slot is visited once, not once a round.
        let ticks = min(target - visited, Int64(TimerWheel.slotCount))
        for step in 1...ticks {
            collect(from: slot(of: visited + step), through: target, into: &expired)
        }
        if target - visited > ticks { expired.sort { $0.tick < $1.tick } }
        visited = target
        return expired.map(\.key)
    }

    private mutating func collect(
        from slot: Int, through target: Int64, into expired: inout [(tick: Int64, key: UInt64)]
    ) {
        var node = slots[slot].first
        while node != TimerWheel.none {
            let next = nodes[Int(node)].next
            if nodes[Int(node)].tick <= target {
                expired.append((nodes[Int(node)].tick, nodes[Int(node)].key))
                places[nodes[Int(node)].key] = nil
                unlink(node)
                free(node)
            }
            node = next
        }
    }

    private func slot(of tick: Int64) -> Int {
        Int(tick % Int64(TimerWheel.slotCount))
    }

    private mutating func append(_ node: UInt32, to slot: Int) {
        let last = slots[slot].last
        nodes[Int(node)].previous = last
        if last == TimerWheel.none {
            slots[slot].first = node
        } else {
            nodes[Int(last)].next = node
        }
        slots[slot].last = node
    }

    private mutating func unlink(_ node: UInt32) {
        let (next, previous) = (nodes[Int(node)].next, nodes[Int(node)].previous)
        let slot = slot(of: nodes[Int(node)].tick)
        if previous == TimerWheel.none {
            slots[slot].first = next
        } else {
            nodes[Int(previous)].next = next
        }
        if next == TimerWheel.none {
            slots[slot].last = previous
        } else {
            nodes[Int(next)].previous = previous
        }
    }

    private mutating func takeNode(_ node: Node) -> UInt32 {
        guard firstFree != TimerWheel.none else {
            nodes.append(node)
            return UInt32(nodes.count - 1)
        }
        let place = firstFree
        firstFree = nodes[Int(place)].next
        nodes[Int(place)] = node
        return place
    }

    private mutating func free(_ node: UInt32) {
        nodes[Int(node)].next = firstFree
        firstFree = node
    }
}
