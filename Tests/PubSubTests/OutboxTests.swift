import Basics
import Testing

@testable import PubSub

@Suite("The outbox of a connection")
struct OutboxTests {
    private var pool = BufferPool(budget: OutboxBudget(connectionBytes: 10, totalBytes: 15))
    private var outbox = Outbox()

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private var pending: String {
        var copy = outbox
        return copy.withPending { span in
            span.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test
    mutating func `what waits is one run of bytes in order`() {
        let first = outbox.append(bytes("one,"), .event, pool: &pool)
        let second = outbox.append(bytes("two"), .event, pool: &pool)
        #expect(first && second)
        #expect(pending == "one,two")
        #expect(outbox.waitingFrames == 2)
        outbox.consumed(7, pool: &pool)
        #expect(outbox.isEmpty)
        #expect(pool.budget.queuedBytes == 0)
    }

    @Test
    mutating func `a frame that fills the budget fits and one byte more does not`() {
        let full = outbox.append(bytes("0123456789"), .event, pool: &pool)
        #expect(full)
        let beyond = outbox.append(bytes("x"), .event, pool: &pool)
        #expect(!beyond)
        #expect(pending == "0123456789")
        #expect(pool.budget.queuedBytes == 10)
        var other = Outbox()
        let tooLarge = other.append(bytes("0123456789x"), .event, pool: &pool)
        #expect(!tooLarge)
        #expect(other.isEmpty)
    }

    @Test
    mutating func `all outboxes together have a budget`() {
        var other = Outbox()
        let mine = outbox.append(bytes("0123456789"), .event, pool: &pool)
        let theirs = other.append(bytes("01234"), .event, pool: &pool)
        #expect(mine && theirs)
        let beyond = other.append(bytes("5"), .event, pool: &pool)
        #expect(!beyond)
        outbox.consumed(1, pool: &pool)
        let freed = other.append(bytes("5"), .event, pool: &pool)
        #expect(freed)
        other.close(pool: &pool)
        outbox.close(pool: &pool)
        #expect(pool.budget.queuedBytes == 0)
    }

    @Test
    mutating func `frames up to the limit of frames fit and one more does not`() {
        pool = BufferPool(budget: OutboxBudget(totalBytes: 1 << 20))
        for _ in 0..<Outbox.maximumFrames {
            let accepted = outbox.append([1], .event, pool: &pool)
            #expect(accepted)
        }
        let beyond = outbox.append([1], .event, pool: &pool)
        #expect(!beyond)
    }

    @Test
    mutating func `an outbox that was emptied holds nothing and its buffer serves the next`() {
        _ = outbox.append(bytes("one"), .event, pool: &pool)
        #expect(pool.freeCount == 0)
        _ = outbox.append(bytes("two"), .event, pool: &pool)
        outbox.consumed(6, pool: &pool)
        #expect(pool.freeCount == 1)
        var other = Outbox()
        _ = other.append(bytes("a"), .event, pool: &pool)
        #expect(pool.freeCount == 1)
        _ = other.append(bytes("b"), .event, pool: &pool)
        #expect(pool.freeCount == 0)
    }

    @Test
    mutating func `discarding keeps replies and names what is gone`() {
        _ = outbox.append(bytes("e5"), .entry(channel: 1, seq: 5), pool: &pool)
        _ = outbox.append(bytes("ok"), .reply, pool: &pool)
        _ = outbox.append(bytes("e6"), .entry(channel: 1, seq: 6), pool: &pool)
        let discarded = outbox.discardWaiting(pool: &pool)
        #expect(discarded == [.entry(channel: 1, seq: 5), .entry(channel: 1, seq: 6)])
        #expect(pending == "ok")
        #expect(pool.budget.queuedBytes == 2)
    }

    @Test(arguments: [1, 2])
    mutating func `a frame the kernel has begun is never discarded`(frames: Int) {
        for seq in 1...frames {
            _ = outbox.append(bytes("e\(seq);"), .entry(channel: 1, seq: Int64(seq)), pool: &pool)
        }
        outbox.consumed(1, pool: &pool)
        let discarded = outbox.discardWaiting(pool: &pool)
        #expect(discarded.count == frames - 1)
        #expect(pending == "1;")
        let again = outbox.discardWaiting(pool: &pool)
        #expect(again.isEmpty)
        outbox.consumed(2, pool: &pool)
        #expect(outbox.isEmpty)
    }

    @Test
    mutating func `a frame behind a whole sent one is not begun`() {
        _ = outbox.append(bytes("one"), .event, pool: &pool)
        _ = outbox.append(bytes("two"), .presence(channel: 3), pool: &pool)
        outbox.consumed(3, pool: &pool)
        let discarded = outbox.discardWaiting(pool: &pool)
        #expect(discarded == [.presence(channel: 3)])
        #expect(outbox.isEmpty)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `no schedule tears, reorders or loses a frame that was not discarded`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var pool = BufferPool(budget: OutboxBudget(connectionBytes: 200_000, totalBytes: 300_000))
        var outbox = Outbox()
        var expected: [(kind: FrameKind, bytes: [UInt8])] = []
        var begun = 0
        for step in 0..<300 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let count = Int.random(in: 1...4_000, using: &random)
                let frame = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: count)
                let kind: FrameKind =
                    Bool.random(using: &random) ? .reply : .entry(channel: 0, seq: Int64(step))
                if outbox.append(frame, kind, pool: &pool) { expected.append((kind, frame)) }
            case 6..<9:
                let count = Int.random(in: 0...outbox.waitingBytes, using: &random)
                outbox.consumed(count, pool: &pool)
                begun += count
                while let first = expected.first, begun >= first.bytes.count {
                    begun -= first.bytes.count
                    expected.removeFirst()
                }
            default:
                _ = outbox.discardWaiting(pool: &pool)
                let first = begun > 0 ? expected.removeFirst() : nil
                expected.removeAll { $0.kind != .reply }
                if let first { expected.insert(first, at: 0) }
            }
            let waiting = outbox.withPending { span in span.withUnsafeBytes { Array($0) } }
            let owed = Array(expected.flatMap(\.bytes).dropFirst(begun))
            #expect(waiting == owed, "seed \(seed)")
            #expect(pool.budget.queuedBytes == owed.count, "seed \(seed)")
            #expect(outbox.waitingFrames == expected.count, "seed \(seed)")
        }
    }
}
