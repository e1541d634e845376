import Testing

@testable import PubSub

@Suite("The buffers of a loop")
struct BufferPoolTests {
    private var pool = BufferPool(budget: OutboxBudget(totalBytes: 1 << 20))

    private func buffer(bytes: Int) -> BufferPool.Buffer {
        BufferPool.Buffer(bytes: [UInt8](repeating: 0, count: bytes))
    }

    @Test
    mutating func `a buffer comes back empty and with its room`() {
        pool.give(back: buffer(bytes: 5_000))
        #expect(pool.freeCount == 1)
        let again = pool.take()
        #expect(again.bytes.isEmpty && again.frames.isEmpty)
        #expect(again.bytes.capacity >= 5_000)
        #expect(pool.freeCount == 0)
        #expect(pool.freeBytes == 0)
    }

    @Test
    mutating func `256 KiB are kept and what goes beyond is not`() {
        for size in [1 << 17, 1 << 16, 1 << 15, 1 << 16, 1 << 14, 1 << 17] {
            let returned = buffer(bytes: size)
            let fits = returned.memory <= BufferPool.maximumFreeBytes - pool.freeBytes
            let before = pool.freeCount
            pool.give(back: returned)
            #expect(pool.freeCount == (fits ? before + 1 : before))
            #expect(pool.freeBytes <= BufferPool.maximumFreeBytes)
        }
        // 128, 64, 32 and 16 KiB fit; another 64 KiB and another 128 KiB do not.
        #expect(pool.freeCount == 4)
    }

    @Test
    func `a budget is taken up to its last byte, of one connection and of all`() {
        var budget = OutboxBudget(connectionBytes: 10, totalBytes: 15)
        let full = budget.take(10, waiting: 0)
        let beyondOne = budget.take(1, waiting: 10)
        let rest = budget.take(5, waiting: 0)
        let beyondAll = budget.take(1, waiting: 5)
        #expect([full, beyondOne, rest, beyondAll] == [true, false, true, false])
        budget.give(back: 1)
        let freed = budget.take(1, waiting: 5)
        #expect(freed)
        #expect(budget.queuedBytes == 15)
    }
}
