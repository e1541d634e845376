/// The outboxes of a loop's connections by slot, the budget they share, and who of them has
/// something to send.
///
///     closed ──open──▶ open ──silence──▶ silent
///        ▲──────close─────┴────────────────┘
///
/// *Silent*: the last frame is queued; whatever else is appended is swallowed.
///
/// It is all that a delivery touches beside the subscription: 32 bytes in a row for each slot, no
/// object, no lookup. Everything else about a connection is its owner's and stays cold.
///
/// Confined to one loop.
package struct OutboxTable {
    private struct Marks: OptionSet {
        let rawValue: UInt8
        static let isOpen = Marks(rawValue: 1 << 0)
        static let isSilent = Marks(rawValue: 1 << 1)
        /// The slot is in `dirty`.
        static let isDirty = Marks(rawValue: 1 << 2)
        /// The kernel took bytes since ``OutboxTable/takeProgress(of:)``.
        static let hasProgressed = Marks(rawValue: 1 << 3)
    }

    private struct Place {
        var outbox = Outbox()
        var marks: Marks = []
    }

    /// What ``flushDirty(_:)`` did.
    package struct Flush {
        /// Bytes that `send` took.
        package fileprivate(set) var takenBytes = 0
        /// Slots that want another look: something still waits, or they are silent.
        package fileprivate(set) var unsettled: [UInt32] = []
    }

    private var places: ContiguousArray<Place> = []
    /// Slots with something new, each once.
    private var dirty: [UInt32] = []
    private var pool: BufferPool

    package init(budget: OutboxBudget) {
        pool = BufferPool(budget: budget)
    }

    /// What a place occupies, so that a test holds it to two in a cache line.
    static let placeBytes = MemoryLayout<Place>.stride

    /// Bytes that wait, of all slots.
    package var queuedBytes: Int { pool.budget.queuedBytes }

    /// True when ``flushDirty(_:)`` would send something.
    package var isDirty: Bool { !dirty.isEmpty }

    /// Bytes that wait for `slot`; none for one that is not open.
    package func waitingBytes(of slot: UInt32) -> Int {
        Int(slot) < places.count ? places[Int(slot)].outbox.waitingBytes : 0
    }

    // MARK: Life

    /// Opens an empty outbox.
    package mutating func open(_ slot: UInt32) {
        while places.count <= Int(slot) { places.append(Place()) }
        precondition(!places[Int(slot)].marks.contains(.isOpen), "slot \(slot) is in use")
        places[Int(slot)].marks = .isOpen
    }

    /// Forgets what waits.
    package mutating func close(_ slot: UInt32) {
        places[Int(slot)].outbox.close(pool: &pool)
        places[Int(slot)].marks = []
    }

    /// Nothing may follow what waits now.
    package mutating func silence(_ slot: UInt32) {
        places[Int(slot)].marks.insert(.isSilent)
    }

    // MARK: Appending

    /// Appends a frame as ``Outbox/append(_:_:pool:)`` does; true also when `slot` is silent,
    /// for nobody should try harder.
    package mutating func append(_ frame: [UInt8], _ kind: FrameKind, to slot: UInt32) -> Bool {
        if places[Int(slot)].marks.contains(.isSilent) { return true }
        guard places[Int(slot)].outbox.append(frame, kind, pool: &pool) else { return false }
        markDirty(slot)
        return true
    }

    /// Appends a parcel as ``Outbox/append(_:on:pool:)`` does; true also when `slot` is silent.
    ///
    /// Cost: one cache line of the table, two retains of arrays that every subscriber shares.
    package mutating func append(_ parcel: Parcel, on channel: UInt32, to slot: UInt32) -> Bool {
        if places[Int(slot)].marks.contains(.isSilent) { return true }
        guard places[Int(slot)].outbox.append(parcel, on: channel, pool: &pool) else {
            return false
        }
        markDirty(slot)
        return true
    }

    /// Discards what may be discarded, as ``Outbox/discardWaiting(pool:)`` does.
    package mutating func discardWaiting(of slot: UInt32) -> [FrameKind] {
        places[Int(slot)].outbox.discardWaiting(pool: &pool)
    }

    private mutating func markDirty(_ slot: UInt32) {
        if places[Int(slot)].marks.contains(.isDirty) { return }
        places[Int(slot)].marks.insert(.isDirty)
        dirty.append(slot)
    }

    // MARK: Sending

    /// Hands what waits for each dirty slot to `send`, which returns how many bytes it took and
    /// must leave the table's owner alone.
    ///
    /// Cost: one call of `send` a slot, whatever was appended to it.
    package mutating func flushDirty(_ send: (UInt32, RawSpan) -> Int) -> Flush {
        var flush = Flush()
        for slot in dirty {
            places[Int(slot)].marks.remove(.isDirty)
            flush.takenBytes += self.flush(slot) { send(slot, $0) }
            if !places[Int(slot)].outbox.isEmpty || places[Int(slot)].marks.contains(.isSilent) {
                flush.unsettled.append(slot)
            }
        }
        dirty.removeAll(keepingCapacity: true)
        return flush
    }

    /// Takes the slots with something new, each once; the caller flushes each.
    package mutating func takeDirty() -> [UInt32] {
        let taken = dirty
        dirty = []
        for slot in taken { places[Int(slot)].marks.remove(.isDirty) }
        return taken
    }

    /// Hands what waits for one slot to `send`; returns how many bytes it took.
    package mutating func flush(_ slot: UInt32, _ send: (RawSpan) -> Int) -> Int {
        guard !places[Int(slot)].outbox.isEmpty else { return 0 }
        let taken = places[Int(slot)].outbox.withPending(send)
        guard taken > 0 else { return 0 }
        places[Int(slot)].outbox.consumed(taken, pool: &pool)
        places[Int(slot)].marks.insert(.hasProgressed)
        return taken
    }

    /// True when nothing waits for the reader at `slot`, or it took something since this was
    /// last asked.
    package mutating func takeProgress(of slot: UInt32) -> Bool {
        let marks = places[Int(slot)].marks
        places[Int(slot)].marks.remove(.hasProgressed)
        return places[Int(slot)].outbox.isEmpty || marks.contains(.hasProgressed)
    }
}
