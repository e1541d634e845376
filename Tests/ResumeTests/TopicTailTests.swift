import Basics
import Testing

@testable import Resume

@Suite("Delivery by the tail")
struct TopicTailTests {
    private var tail = TopicTail(tail: 10)

    @Test
    mutating func `the next entry is delivered and a repeated one is not`() {
        let first = tail.committed(entry(11), at: at(0))
        #expect(first == .init(deliver: [entry(11)], fetch: nil))
        let again = tail.committed(entry(11), at: at(1))
        let old = tail.committed(entry(4), at: at(1))
        #expect(again == .init())
        #expect(old == .init())
    }

    @Test
    mutating func `an entry beyond a hole waits until the log has filled it`() {
        let early = tail.committed(entry(13), at: at(0))
        #expect(early == .init(deliver: [], fetch: 11...12))
        let more = tail.committed(entry(14), at: at(1))
        #expect(more == .init())
        let filled = tail.fetched(entries(11...12), at: at(2))
        #expect(filled == .init(deliver: entries(11...14), fetch: nil))
        #expect(tail.tail == 14)
    }

    @Test
    mutating func `what was missing may also arrive by itself`() {
        _ = tail.committed(entry(12), at: at(0))
        let late = tail.committed(entry(11), at: at(1))
        #expect(late.deliver == entries(11...12))
        let fetched = tail.fetched([entry(11)], at: at(2))
        #expect(fetched == .init())
    }

    @Test
    mutating func `a head that moved elsewhere is read from the log`() {
        let moved = tail.headMoved(to: 12, at: at(0))
        #expect(moved == .init(deliver: [], fetch: 11...12))
        let repeated = tail.headMoved(to: 12, at: at(1))
        #expect(repeated == .init())
        let further = tail.headMoved(to: 13, at: at(1))
        #expect(further == .init())
        let filled = tail.fetched(entries(11...12), at: at(2))
        #expect(filled == .init(deliver: entries(11...12), fetch: 13...13))
    }

    @Test
    mutating func `a long way is read in pages`() {
        let moved = tail.headMoved(to: 10 + TopicTail.fetchPage, at: at(0))
        #expect(moved.fetch == 11...10 + TopicTail.fetchPage)
        var longer = TopicTail(tail: 10)
        let first = longer.headMoved(to: 11 + TopicTail.fetchPage, at: at(0))
        #expect(first.fetch == 11...10 + TopicTail.fetchPage)
        let page = longer.fetched(entries(11...10 + TopicTail.fetchPage), at: at(1))
        #expect(page.deliver.count == 500)
        #expect(page.fetch == 511...511)
    }

    @Test
    mutating func `a failed fetch is tried again, later and later`() {
        _ = tail.headMoved(to: 11, at: at(0))
        tail.fetchFailed(at: at(0))
        #expect(tail.nextDeadline == at(50))
        let early = tail.timePassed(at: at(49))
        #expect(early == .init())
        let again = tail.timePassed(at: at(50))
        #expect(again.fetch == 11...11)
        tail.fetchFailed(at: at(50))
        #expect(tail.nextDeadline == at(150))
        var now: Int64 = 150
        for _ in 0..<20 {
            let retry = tail.timePassed(at: at(now))
            #expect(retry.fetch == 11...11)
            tail.fetchFailed(at: at(now))
            now += 5_000
        }
        #expect(tail.nextDeadline == at(now))
        _ = tail.timePassed(at: at(now))
        let filled = tail.fetched([entry(11)], at: at(now))
        #expect(filled.deliver == [entry(11)])
        #expect(tail.nextDeadline == nil)
    }

    @Test
    mutating func `a head that the log does not show is not believed for ever`() {
        _ = tail.headMoved(to: 99, at: at(0))
        let short = tail.fetched([entry(11)], at: at(1))
        #expect(short == .init(deliver: [entry(11)], fetch: nil))
        #expect(tail.head == 11)
        let seenAgain = tail.headMoved(to: 12, at: at(2))
        #expect(seenAgain.fetch == 12...12)
    }

    @Test
    mutating func `a hole that the log does not fill yet is asked for again`() {
        _ = tail.committed(entry(12), at: at(0))
        let empty = tail.fetched([], at: at(1))
        #expect(empty == .init())
        #expect(tail.nextDeadline == at(51))
        let again = tail.timePassed(at: at(51))
        #expect(again.fetch == 11...11)
    }

    @Test
    mutating func `256 entries are held and those beyond are fetched again`() {
        let most = Int64(TopicTail.maximumHeld)
        for seq in 12...(12 + most) { _ = tail.committed(entry(seq), at: at(0)) }
        let filled = tail.fetched([entry(11)], at: at(1))
        #expect(filled.deliver.count == 1 + TopicTail.maximumHeld)
        #expect(filled.fetch == 12 + most...12 + most)
        let rest = tail.fetched([entry(12 + most)], at: at(2))
        #expect(rest == .init(deliver: [entry(12 + most)], fetch: nil))
    }

    @Test
    mutating func `an early entry that is repeated is held once`() {
        for _ in 0...TopicTail.maximumHeld { _ = tail.committed(entry(12), at: at(0)) }
        _ = tail.committed(entry(13), at: at(0))
        let filled = tail.fetched([entry(11)], at: at(1))
        #expect(filled == .init(deliver: entries(11...13), fetch: nil))
    }

    @Test
    mutating func `a page with a hole is delivered up to the hole`() {
        _ = tail.headMoved(to: 13, at: at(0))
        let page = tail.fetched([entry(11), entry(13)], at: at(1))
        #expect(page == .init(deliver: [entry(11)], fetch: nil))
        #expect(tail.tail == 11)
    }

    @Test
    mutating func `1 MiB is held and what lies beyond is fetched again`() {
        let half = TopicTail.maximumHeldBytes / 2 - entry(12, bytes: 0).weight
        _ = tail.committed(entry(12, bytes: half), at: at(0))
        _ = tail.committed(entry(13, bytes: half), at: at(0))
        _ = tail.committed(entry(14, bytes: 0), at: at(0))
        let filled = tail.fetched([entry(11)], at: at(1))
        #expect(filled.deliver.map(\.seq) == [11, 12, 13])
        #expect(filled.fetch == 14...14)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `no news, loss or failure delivers twice, out of order or with a hole`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var tail = TopicTail(tail: 0)
        var head: Int64 = 0
        var delivered: [Int64] = []
        var asked: ClosedRange<Int64>?
        var now: Int64 = 0
        func take(_ actions: TopicTail.Actions) {
            delivered += actions.deliver.map(\.seq)
            if let fetch = actions.fetch {
                #expect(asked == nil, "seed \(seed)")
                asked = fetch
            }
        }
        func answer() {
            guard let range = asked else { return }
            asked = nil
            if Int.random(in: 0..<4, using: &random) == 0 {
                tail.fetchFailed(at: at(now))
            } else {
                let last = min(head, range.upperBound)
                let found = range.lowerBound <= last ? entries(range.lowerBound...last) : []
                take(tail.fetched(found, at: at(now)))
            }
        }
        for _ in 0..<300 {
            now += Int64.random(in: 0..<100, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1, 2: head += 1
            case 3, 4:
                guard head > 0 else { continue }
                let seq = Int64.random(in: max(1, head - 6)...head, using: &random)
                take(tail.committed(entry(seq), at: at(now)))
            case 5: take(tail.headMoved(to: head, at: at(now)))
            case 6: answer()
            default: take(tail.timePassed(at: at(now)))
            }
            #expect(delivered == Array(0..<Int64(delivered.count)).map { $0 + 1 }, "seed \(seed)")
        }
        // The heads are compared once a second for ever; twenty times must do.
        for _ in 0..<20 {
            now += 6_000
            take(tail.timePassed(at: at(now)))
            take(tail.headMoved(to: head, at: at(now)))
            while asked != nil { answer() }
        }
        #expect(delivered.count == Int(head), "seed \(seed)")
    }
}
