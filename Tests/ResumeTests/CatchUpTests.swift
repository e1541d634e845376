import Basics
import Testing

@testable import Resume

@Suite("Catching up")
struct CatchUpTests {
    private var catchUp = CatchUp()

    private func position(_ seq: Int64) -> ResumeStart {
        .position(Position(epoch: epoch, seq: seq))
    }

    @Test
    mutating func `a subscriber at the tail is live at once`() {
        let step = catchUp.start(position(10), tail: 10, epoch: epoch)
        #expect(step == .init(verdict: .resumed, action: .live))
        #expect(catchUp.isLive)
    }

    @Test
    mutating func `what was missed is replayed up to the tail as it then is`() {
        let step = catchUp.start(position(7), tail: 10, epoch: epoch)
        #expect(step == .init(verdict: .resumed, action: .replay(8...10)))
        let first = catchUp.pageArrived(8...10, entries(8...10), tail: 12, at: at(0))
        #expect(first.entries == entries(8...10))
        #expect(first.action == .replay(11...12))
        let second = catchUp.pageArrived(11...12, entries(11...12), tail: 12, at: at(1))
        #expect(second.entries == entries(11...12))
        #expect(second.action == .live)
    }

    @Test
    mutating func `500 entries are replayed in pages of 200`() {
        let step = catchUp.start(position(0), tail: 500, epoch: epoch)
        #expect(step == .init(verdict: .resumed, action: .replay(1...200)))
        let second = catchUp.pageArrived(1...200, entries(1...200), tail: 500, at: at(0))
        #expect(second.action == .replay(201...400))
        let third = catchUp.pageArrived(201...400, entries(201...400), tail: 500, at: at(0))
        #expect(third.action == .replay(401...500))
    }

    @Test
    mutating func `501 entries are a gap and the newest page`() {
        let step = catchUp.start(position(0), tail: 501, epoch: epoch)
        #expect(step == .init(verdict: .gap(from: 1, to: 301), action: .replay(302...501)))
        let page = catchUp.pageArrived(302...501, entries(302...501), tail: 501, at: at(0))
        #expect(page.entries.count == 200)
        #expect(page.action == .live)
    }

    @Test
    mutating func `a position of another epoch is reset`() {
        let other = ResumeStart.position(Position(epoch: Epoch("zzz")!, seq: 10))
        let step = catchUp.start(other, tail: 300, epoch: epoch)
        #expect(step == .init(verdict: .reset, action: .replay(281...300)))
    }

    @Test(arguments: [(-1, 0), (0, 0), (3, 3), (200, 200), (201, 200)])
    func `a reset is followed by as many entries as were asked for, 200 at most`(
        asked: Int, given: Int
    ) {
        var catchUp = CatchUp()
        let other = Position(epoch: Epoch("zzz")!, seq: 10)
        let step = catchUp.start(
            .position(other, orNewest: asked), tail: 1_000, epoch: epoch)
        let first = 1_001 - Int64(given)
        #expect(step.verdict == .reset)
        #expect(step.action == (given == 0 ? .live : .replay(first...1_000)))
    }

    @Test
    mutating func `a position ahead of the head is reset, with what little there is`() {
        let step = catchUp.start(position(11), tail: 5, epoch: epoch)
        #expect(step == .init(verdict: nil, action: .confirmHead))
        let confirmed = catchUp.headConfirmed(10, tail: 5)
        #expect(confirmed == .init(verdict: .reset, action: .replay(1...5)))
    }

    @Test
    mutating func `a position ahead of a lagging tail is live and hears nothing twice`() {
        _ = catchUp.start(position(11), tail: 9, epoch: epoch)
        let confirmed = catchUp.headConfirmed(11, tail: 9)
        #expect(confirmed == .init(verdict: .resumed, action: .live))
        let tenth = catchUp.delivered(10)
        let eleventh = catchUp.delivered(11)
        let twelfth = catchUp.delivered(12)
        #expect([tenth, eleventh, twelfth] == [false, false, true])
    }

    @Test
    mutating func `the largest position there is harms nobody`() {
        _ = catchUp.start(position(.max), tail: 9, epoch: epoch)
        let confirmed = catchUp.headConfirmed(9, tail: 9)
        #expect(confirmed.verdict == .reset)
    }

    @Test(arguments: [(-1, 0), (0, 0), (3, 3), (200, 200), (201, 200), (Int.max, 200)])
    func `a first join gets the newest entries it asks for, 200 at most`(
        asked: Int, given: Int
    ) {
        var catchUp = CatchUp()
        let step = catchUp.start(.history(asked), tail: 1_000, epoch: epoch)
        #expect(step.verdict == .fresh(history: given))
        let first = 1_001 - Int64(given)
        #expect(step.action == (given == 0 ? .live : .replay(first...1_000)))
    }

    @Test
    mutating func `an empty topic is live at once`() {
        let step = catchUp.start(.history(20), tail: 0, epoch: epoch)
        #expect(step == .init(verdict: .fresh(history: 20), action: .live))
    }

    @Test
    mutating func `deliveries before the tail is reached pass by`() {
        _ = catchUp.start(position(7), tail: 10, epoch: epoch)
        let early = catchUp.delivered(11)
        #expect(!early)
        let page = catchUp.pageArrived(8...10, entries(8...10), tail: 11, at: at(0))
        #expect(page.action == .replay(11...11))
    }

    @Test
    mutating func `a failed page is asked for again, later and later`() {
        _ = catchUp.start(position(7), tail: 10, epoch: epoch)
        catchUp.pageFailed(8...10, at: at(0))
        #expect(catchUp.nextDeadline == at(100))
        let early = catchUp.timePassed(tail: 12, at: at(99))
        #expect(early == .none)
        let again = catchUp.timePassed(tail: 12, at: at(100))
        #expect(again == .replay(8...12))
        catchUp.pageFailed(8...12, at: at(100))
        #expect(catchUp.nextDeadline == at(300))
    }

    @Test
    mutating func `a page with a hole counts up to the hole`() {
        _ = catchUp.start(position(7), tail: 10, epoch: epoch)
        let page = catchUp.pageArrived(8...10, [entry(8), entry(10)], tail: 10, at: at(0))
        #expect(page.entries == [entry(8)])
        #expect(page.action == .none)
        let again = catchUp.timePassed(tail: 10, at: at(100))
        #expect(again == .replay(9...10))
    }

    @Test
    mutating func `a slow reader goes back and hears no verdict`() {
        _ = catchUp.start(position(10), tail: 10, epoch: epoch)
        for seq in 11...20 as ClosedRange<Int64> { _ = catchUp.delivered(seq) }
        let step = catchUp.rewind(to: 14, tail: 20)
        #expect(step == .init(verdict: nil, action: .replay(15...20)))
        #expect(!catchUp.isLive)
    }

    @Test
    mutating func `a rewind never moves forward`() {
        _ = catchUp.start(position(10), tail: 10, epoch: epoch)
        let step = catchUp.rewind(to: 15, tail: 12)
        #expect(step.action == .replay(11...12))
    }

    @Test
    mutating func `a rewind too far is a gap`() {
        _ = catchUp.start(position(1_000), tail: 1_000, epoch: epoch)
        let step = catchUp.rewind(to: 100, tail: 1_000)
        #expect(step == .init(verdict: .gap(from: 101, to: 800), action: .replay(801...1_000)))
    }

    @Test
    mutating func `a page that a rewind overtook is ignored`() {
        _ = catchUp.start(position(7), tail: 10, epoch: epoch)
        _ = catchUp.rewind(to: 5, tail: 10)
        let old = catchUp.pageArrived(8...10, entries(8...10), tail: 10, at: at(0))
        #expect(old.entries.isEmpty && old.action == .none)
        catchUp.pageFailed(8...10, at: at(0))
        #expect(catchUp.nextDeadline == nil)
        let new = catchUp.pageArrived(6...10, entries(6...10), tail: 10, at: at(0))
        #expect(new.entries == entries(6...10))
        #expect(new.action == .live)
        let late = catchUp.pageArrived(6...10, entries(6...10), tail: 12, at: at(0))
        #expect(late.entries.isEmpty && late.action == .none)
        #expect(catchUp.isLive)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `replay and live stream join without overlap or hole`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var catchUp = CatchUp()
        var tail = Int64.random(in: 0...600, using: &random)
        let from = Int64.random(in: 0...tail, using: &random)
        var heard = from
        var asked: ClosedRange<Int64>?
        var now: Int64 = 0
        func hear(_ seq: Int64) {
            #expect(seq == heard + 1, "seed \(seed)")
            heard = seq
        }
        func take(_ step: CatchUp.Step) {
            if case .gap(let lower, let upper) = step.verdict {
                #expect(lower == heard + 1, "seed \(seed)")
                heard = upper
            }
            take(step.action)
        }
        func take(_ action: CatchUp.Action) {
            if case .replay(let range) = action { asked = range }
        }
        take(catchUp.start(position(from), tail: tail, epoch: epoch))
        for step in 0..<200 {
            now += 50
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                tail += 1
                if catchUp.delivered(tail) { hear(tail) }
            case 2, 3:
                guard let range = asked else { continue }
                asked = nil
                if Int.random(in: 0..<5, using: &random) == 0 {
                    catchUp.pageFailed(range, at: at(now))
                } else {
                    let page = catchUp.pageArrived(
                        range, entries(range), tail: tail, at: at(now))
                    for entry in page.entries { hear(entry.seq) }
                    take(page.action)
                }
            case 4 where step % 10 == 0:
                heard -= Int64.random(in: 0...min(5, heard), using: &random)
                take(catchUp.rewind(to: heard, tail: tail))
            default: take(catchUp.timePassed(tail: tail, at: at(now)))
            }
        }
        while !catchUp.isLive {
            now += 6_000
            take(catchUp.timePassed(tail: tail, at: at(now)))
            guard let range = asked else { continue }
            asked = nil
            let page = catchUp.pageArrived(range, entries(range), tail: tail, at: at(now))
            for entry in page.entries { hear(entry.seq) }
            take(page.action)
        }
        #expect(heard == tail, "seed \(seed)")
    }
}
