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
    /// What the free buffers occupy.
    package private(set) var freeBytes = 0

    package init(budget: OutboxBudget) {
        self.budget = budget
    }

    /// How many buffers wait to be borrowed.
    package var freeCount: Int { free.count }

    /// Most memory kept for the next burst: 256 KiB a loop, some 180 buffers of the usual size.
    /// It is all that traffic leaves behind; what everybody gets needs no buffer, it is shared.
    /// `BufferPoolTests` pins both sides.
    package static let maximumFreeBytes = 256 << 10

    /// What a new buffer has room for: eight short messages.
    private static let firstBytes = 1_024
    private static let firstFrames = 16

    mutating func take() -> Buffer {
        guard let buffer = free.popLast() else {
            var buffer = Buffer()
            buffer.bytes.reserveCapacity(BufferPool.firstBytes)
            buffer.frames.reserveCapacity(BufferPool.firstFrames)
            return buffer
        }
        freeBytes -= buffer.memory
        return buffer
    }

    mutating func give(back buffer: consuming Buffer) {
        guard buffer.memory <= BufferPool.maximumFreeBytes - freeBytes else { return }
        buffer.bytes.removeAll(keepingCapacity: true)
        buffer.frames.removeAll(keepingCapacity: true)
        freeBytes += buffer.memory
        free.append(buffer)
    }
}

extension BufferPool.Buffer {
    /// Copies frames of another buffer or parcel behind its own: `bytes` may begin in the middle
    /// of the first.
    mutating func append(
        _ bytes: ArraySlice<UInt8>, _ frames: ArraySlice<QueuedFrame>, on channel: UInt32
    ) {
        let start = self.bytes.count
        self.bytes.append(contentsOf: bytes)
        for frame in frames {
            let end = start + Int(frame.end) - bytes.startIndex
            self.frames.append(QueuedFrame(kind: frame.kind.on(channel), end: UInt32(end)))
        }
    }

    /// Bytes allocated, used or not.
    var memory: Int {
        bytes.capacity + frames.capacity * MemoryLayout<QueuedFrame>.stride
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

    /// 1 MiB: four events of the largest size (256 KiB), or some 5,000 short messages, which no
    /// reader that makes progress ever has waiting. `OutboxTests` pins both sides.
    package static let defaultConnectionBytes = 1 << 20

    /// `connectionBytes` is at most 1 GiB, so that places in a buffer fit 32 bits.
    package init(
        connectionBytes: Int = OutboxBudget.defaultConnectionBytes, totalBytes: Int
    ) {
        precondition(connectionBytes <= 1 << 30, "a connection's budget is at most 1 GiB")
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
