/// The buffers in which a loop's outboxes gather more than one frame, and the budget of them all.
///
/// A connection with nothing to send holds no buffer: it borrows one when a second frame waits
/// and gives it back when the kernel has taken everything.
///
/// Confined to one loop.
package struct BufferPool {
    /// The bytes of queued frames in a row, and where each frame ends.
    struct Buffer {
        var bytes: [UInt8] = []
        var frames: [QueuedFrame] = []
    }

    /// What all outboxes of the loop may hold together.
    package internal(set) var budget: OutboxBudget

    private var free: [Buffer] = []

    package init(budget: OutboxBudget) {
        self.budget = budget
    }

    /// How many buffers wait to be borrowed.
    package var freeCount: Int { free.count }

    /// Most buffers kept for the next burst: 512, one chunk of a walk (`TopicTable.chunk`), which
    /// a loop flushes before it begins the next.
    package static let maximumFree = 512

    /// A buffer that grew beyond this is given back to the allocator, so that one burst does not
    /// stay in memory for ever: 512 buffers of 16 KiB are 8 MiB a loop at the very most.
    package static let maximumKeptBytes = 16 * 1_024

    mutating func take() -> Buffer {
        free.popLast() ?? Buffer()
    }

    mutating func give(back buffer: consuming Buffer) {
        guard free.count < BufferPool.maximumFree,
            buffer.bytes.capacity <= BufferPool.maximumKeptBytes,
            buffer.frames.capacity * MemoryLayout<QueuedFrame>.stride
                <= BufferPool.maximumKeptBytes
        else { return }
        buffer.bytes.removeAll(keepingCapacity: true)
        buffer.frames.removeAll(keepingCapacity: true)
        free.append(buffer)
    }
}

/// How much outboxes may hold: each of them, and all of one loop together.
package struct OutboxBudget: Sendable, Equatable {
    /// Bytes one connection may have waiting.
    package let connectionBytes: Int
    /// Bytes all connections of the loop may have waiting.
    package let totalBytes: Int
    /// Bytes that wait now. A frame shared by many counts once for each.
    package private(set) var queuedBytes = 0

    /// 1 MiB: four events of the largest size (256 KiB), or some 5,000 chat messages, which no
    /// reader that makes progress ever has waiting. `OutboxTests` pins both sides.
    package static let defaultConnectionBytes = 1 << 20

    package init(
        connectionBytes: Int = OutboxBudget.defaultConnectionBytes, totalBytes: Int
    ) {
        self.connectionBytes = connectionBytes
        self.totalBytes = totalBytes
    }

    /// Takes `count` bytes for a connection that has `waiting` already; false leaves all as it was.
    mutating func take(_ count: Int, waiting: Int) -> Bool {
        guard count <= connectionBytes - waiting, count <= totalBytes - queuedBytes else {
            return false
        }
        queuedBytes += count
        return true
    }

    mutating func give(back count: Int) {
        queuedBytes -= count
    }
}
