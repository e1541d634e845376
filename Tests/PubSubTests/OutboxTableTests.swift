import Testing

@testable import PubSub

@Suite("The outboxes of a loop")
struct OutboxTableTests {
    private var table = OutboxTable(budget: OutboxBudget(connectionBytes: 10, totalBytes: 30))

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Flushes into a kernel that takes at most `capacity` bytes of each; what it saw.
    private mutating func flush(
        capacity: Int = .max
    ) -> (sent: [UInt32: String], result: OutboxTable.Flush) {
        var sent: [UInt32: String] = [:]
        let result = table.flushDirty { slot, span in
            let taken = min(capacity, span.byteCount)
            sent[slot] = span.withUnsafeBytes { String(decoding: $0[..<taken], as: UTF8.self) }
            return taken
        }
        return (sent, result)
    }

    init() {
        for slot in [UInt32(0), 3] { table.open(slot) }
    }

    @Test
    mutating func `all that was appended to a slot goes out at once`() {
        let appended = [
            table.append(bytes("a"), .reply, to: 3), table.append(bytes("b"), .event, to: 0),
            table.append(bytes("c"), .event, to: 3),
        ]
        #expect(appended == [true, true, true])
        #expect(table.isDirty)
        let (sent, result) = flush()
        #expect(sent == [0: "b", 3: "ac"])
        #expect(result.takenBytes == 3)
        #expect(result.unsettled.isEmpty)
        #expect(!table.isDirty)
        #expect(table.queuedBytes == 0)
    }

    @Test
    mutating func `who could not be sent everything is unsettled, and dirty again only by more`() {
        _ = table.append(bytes("abc"), .event, to: 3)
        let (sent, result) = flush(capacity: 2)
        #expect(sent == [3: "ab"])
        #expect(result.unsettled == [3])
        #expect(table.waitingBytes(of: 3) == 1)
        #expect(!table.isDirty)
        let taken = table.flush(3) { $0.byteCount }
        #expect(taken == 1)
        #expect(table.waitingBytes(of: 3) == 0)
    }

    @Test
    mutating func `nothing follows the last frame, which wants another look once it is sent`() {
        _ = table.append(bytes("bye"), .reply, to: 3)
        table.silence(3)
        let frame = table.append(bytes("more"), .event, to: 3)
        var parcel = Parcel()
        parcel.append(bytes("more"), .event)
        let whole = table.append(parcel, on: 1, to: 3)
        #expect(frame && whole)
        let (sent, result) = flush()
        #expect(sent == [3: "bye"])
        #expect(result.unsettled == [3])
    }

    @Test
    mutating func `a closed slot gives its bytes back and its next tenant starts afresh`() {
        _ = table.append(bytes("abc"), .event, to: 3)
        table.silence(3)
        table.close(3)
        #expect(table.queuedBytes == 0)
        table.open(3)
        let (nothing, _) = flush()
        #expect(nothing.isEmpty)
        _ = table.append(bytes("x"), .event, to: 3)
        let (sent, result) = flush()
        #expect(sent == [3: "x"])
        #expect(result.unsettled.isEmpty)
    }

    @Test
    mutating func `progress is an empty outbox, or bytes taken since the last question`() {
        let idle = table.takeProgress(of: 3)
        _ = table.append(bytes("abc"), .event, to: 3)
        let stuck = table.takeProgress(of: 3)
        _ = flush(capacity: 1)
        let moving = table.takeProgress(of: 3)
        let stuckAgain = table.takeProgress(of: 3)
        #expect([idle, stuck, moving, stuckAgain] == [true, false, true, false])
    }

    @Test
    mutating func `slots share one budget`() {
        table.open(1)
        table.open(2)
        let appended = [0, 1, 2, 3].map { (slot: UInt32) in
            table.append(bytes("0123456789"), .entry(channel: 1, seq: 1), to: slot)
        }
        #expect(appended == [true, true, true, false])
        let discarded = table.discardWaiting(of: 1)
        #expect(discarded == [.entry(channel: 1, seq: 1)])
        let freed = table.append(bytes("0123456789"), .event, to: 3)
        #expect(freed)
    }

    @Test
    mutating func `taking the dirty ones leaves none, each was there once`() {
        _ = table.append(bytes("a"), .event, to: 3)
        _ = table.append(bytes("b"), .event, to: 3)
        _ = table.append(bytes("c"), .event, to: 0)
        let dirty = table.takeDirty()
        #expect(dirty == [3, 0])
        #expect(!table.isDirty)
        _ = table.append(bytes("d"), .event, to: 3)
        #expect(table.isDirty)
    }

    @Test
    func `two places share a cache line`() {
        #expect(OutboxTable.placeBytes == 32)
    }
}
