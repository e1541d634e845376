import Basics

/// What will happen when: one queue for the whole world, ties in the order of their scheduling.
struct Agenda {
    private struct Item {
        let time: Int64
        let number: UInt64
        let action: () -> Void

        func comes(before other: Item) -> Bool {
            (time, number) < (other.time, other.number)
        }
    }

    /// A binary heap, the next one first.
    private var items: [Item] = []
    private var scheduled: UInt64 = 0

    /// When the next thing happens; nil when nothing will.
    var nextTime: Instant? { items.first.map { Instant(nanoseconds: $0.time) } }

    mutating func schedule(at time: Instant, _ action: @escaping () -> Void) {
        scheduled += 1
        items.append(Item(time: time.nanoseconds, number: scheduled, action: action))
        var place = items.count - 1
        while place > 0, items[place].comes(before: items[(place - 1) / 2]) {
            items.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func takeNext() -> (() -> Void)? {
        guard let next = items.first else { return nil }
        let last = items.removeLast()
        guard !items.isEmpty else { return next.action }
        items[0] = last
        var place = 0
        while true {
            let children = (2 * place + 1..<2 * place + 3).filter { $0 < items.count }
            guard let least = children.min(by: { items[$0].comes(before: items[$1]) }),
                items[least].comes(before: items[place])
            else { return next.action }
            items.swapAt(place, least)
            place = least
        }
    }
}
