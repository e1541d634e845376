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
        _ = outbox.append(bytes("two"), .event, pool: &pool)
        #expect(pool.freeCount == 0)
        outbox.consumed(6, pool: &pool)
        #expect(pool.freeCount == 1)
        var other = Outbox()
        _ = other.append(bytes("a"), .event, pool: &pool)
        #expect(pool.freeCount == 0)
    }

    @Test
    mutating func `a lone reply and a lone parcel need no buffer, and what follows them does`() {
        pool.give(back: pool.take())
        _ = outbox.append(bytes("ok,"), .reply, pool: &pool)
        var other = Outbox()
        _ = other.append(parcel("a,b,"), on: 1, pool: &pool)
        #expect(pool.freeCount == 1)
        #expect(outbox.waitingFrames == 1)
        #expect(other.waitingFrames == 2)
        _ = outbox.append(parcel("c,"), on: 1, pool: &pool)
        #expect(pool.freeCount == 0)
        #expect(pending == "ok,c,")
        #expect(outbox.waitingFrames == 2)
    }

    @Test
    mutating func `outboxes that take the same parcel share its bytes`() {
        let parcel = parcel("a,b,")
        var other = Outbox()
        _ = outbox.append(parcel, on: 1, pool: &pool)
        _ = other.append(parcel, on: 2, pool: &pool)
        let one = outbox.withPending { $0.withUnsafeBytes(\.baseAddress) }
        let two = other.withPending { $0.withUnsafeBytes(\.baseAddress) }
        #expect(one == two)
    }

    @Test
    mutating func `a parcel fits whole or not at all`() {
        let full = outbox.append(parcel("0123,4567,"), on: 1, pool: &pool)
        #expect(full)
        var other = Outbox()
        let beyond = other.append(parcel("0,1,2,"), on: 1, pool: &pool)
        #expect(!beyond)
        #expect(other.isEmpty)
        #expect(pool.budget.queuedBytes == 10)
    }

    @Test
    mutating func `frames of a parcel are discarded as those of the channel that took it`() {
        _ = outbox.append(parcel("a,b,c,"), on: 7, pool: &pool)
        outbox.consumed(3, pool: &pool)
        let discarded = outbox.discardWaiting(pool: &pool)
        // The first is sent, the second begun.
        #expect(discarded == [.entry(channel: 7, seq: 3)])
        #expect(pending == ",")
        outbox.consumed(1, pool: &pool)
        #expect(outbox.isEmpty)
    }

    /// Entries 1, 2, … of no channel yet, one for each piece up to a comma.
    private func parcel(_ text: String) -> Parcel {
        var parcel = Parcel()
        for (index, piece) in text.split(separator: ",").enumerated() {
            parcel.append(bytes("\(piece),"), .entry(channel: 0, seq: Int64(index + 1)))
        }
        return parcel
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
            switch Int.random(in: 0..<12, using: &random) {
            case 10..<12:
                var parcel = Parcel()
                var frames: [(kind: FrameKind, bytes: [UInt8])] = []
                for seq in 0..<Int.random(in: 1...5, using: &random) {
                    let frame = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: seq + 1)
                    parcel.append(frame, .entry(channel: 0, seq: Int64(seq)))
                    frames.append((.entry(channel: 3, seq: Int64(seq)), frame))
                }
                if outbox.append(parcel, on: 3, pool: &pool) { expected += frames }
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
