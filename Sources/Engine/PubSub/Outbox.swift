/// The bounded bytes that wait for one connection, in a row, so that one `send` covers them all.
///
///     empty ──parcel──▶ sharing ──append──▶ gathering ──all taken──▶ empty
///       ├────reply────▶ lone ─────append───────▲
///       └────any other frame───────────────────┘
///
/// *Empty*: holds no memory. *Sharing*: one parcel waits; its bytes are the very array that every
/// other outbox of the broadcast holds, not a copy. *Lone*: one reply waits, moved in. *Gathering*:
/// several frames wait, copied into a buffer borrowed from the loop's pool.
///
/// Appending is all or nothing per frame or parcel. Whole frames that wait can be discarded; one
/// that the kernel has begun to take never is, or the stream would be torn.
package struct Outbox {
    private enum State: UInt8 { case empty, lone, sharing, gathering }

    /// What waits. Its frames are those of the parcel while sharing, and none while lone.
    private var buffer = BufferPool.Buffer()
    /// Whose frames a shared parcel's are.
    private var channel: UInt32 = 0
    /// Bytes of `buffer` that the kernel has taken.
    private var sent: UInt32 = 0
    /// Frames of `buffer` that the kernel has taken whole.
    private var sentFrames: UInt32 = 0
    private var state = State.empty
    /// The kernel has taken a part of the first frame.
    private var firstIsBegun = false

    package init() {}

    /// True when nothing waits, not even the rest of a frame.
    package var isEmpty: Bool { state == .empty }

    /// Bytes that wait.
    package var waitingBytes: Int { buffer.bytes.count - Int(sent) }

    /// Frames that wait, a begun one included.
    package var waitingFrames: Int {
        switch state {
        case .empty: 0
        case .lone: 1
        case .sharing, .gathering: buffer.frames.count - Int(sentFrames)
        }
    }

    /// Most frames that may wait: 16,384, whose bookkeeping is 384 KiB. Without it a megabyte of
    /// the smallest frames would cost eight times its size. `OutboxTests` pins both sides.
    package static let maximumFrames = 16_384

    /// Appends a frame of at least one byte, or returns false and changes nothing when it would
    /// go over the budget.
    ///
    /// After false the caller discards what waits and rewinds; a reply that does not fit even
    /// then ends the connection.
    ///
    /// Cost: a lone reply is moved in; any other frame is a copy of its bytes, without an
    /// allocation once the borrowed buffer has grown.
    package mutating func append(
        _ frame: [UInt8], _ kind: FrameKind, pool: inout BufferPool
    ) -> Bool {
        precondition(!frame.isEmpty, "a frame has bytes")
        guard takeRoom(frames: 1, bytes: frame.count, &pool) else { return false }
        if state == .empty && kind == .reply {
            buffer.bytes = frame
            state = .lone
        } else {
            gather(&pool)
            buffer.bytes.append(contentsOf: frame)
            buffer.frames.append(QueuedFrame(kind: kind, end: UInt32(buffer.bytes.count)))
        }
        return true
    }

    /// Appends all frames of a parcel for one channel, or returns false and changes nothing when
    /// together they would go over the budget; some of them may fit by themselves.
    ///
    /// Cost: two retains for an empty outbox, otherwise one copy of the bytes.
    package mutating func append(
        _ parcel: Parcel, on channel: UInt32, pool: inout BufferPool
    ) -> Bool {
        guard takeRoom(frames: parcel.frames.count, bytes: parcel.bytes.count, &pool) else {
            return false
        }
        if state == .empty {
            buffer.bytes = parcel.bytes
            buffer.frames = parcel.frames
            self.channel = channel
            state = .sharing
        } else {
            gather(&pool)
            buffer.append(parcel.bytes[...], parcel.frames[...], on: channel)
        }
        return true
    }

    private func takeRoom(frames: Int, bytes: Int, _ pool: inout BufferPool) -> Bool {
        waitingFrames + frames <= Outbox.maximumFrames
            && pool.budget.take(bytes, waiting: waitingBytes)
    }

    /// Everything that waits, for one `send`; what it took is told to ``consumed(_:pool:)``.
    ///
    /// `body` must leave this outbox alone: whatever a failed `send` leads to comes afterwards.
    /// Mutating although it changes nothing: so an outbox in an array is used in its place, where
    /// a plain function would be handed a copy with its retains and releases: 26 ns instead of 8.
    package mutating func withPending<Result>(_ body: (RawSpan) -> Result) -> Result {
        let all = buffer.bytes.span.bytes
        return body(all.extracting(Int(sent)..<buffer.bytes.count))
    }

    /// Notes that the kernel has taken the first `count` of the pending bytes.
    package mutating func consumed(_ count: Int, pool: inout BufferPool) {
        precondition(count >= 0 && count <= waitingBytes, "more was sent than waited")
        guard count > 0 else { return }
        pool.budget.give(back: count)
        sent += UInt32(count)
        guard Int(sent) < buffer.bytes.count else {
            reset(&pool)
            return
        }
        var start: UInt32 = 0
        if state != .lone {
            while buffer.frames[Int(sentFrames)].end <= sent {
                firstIsBegun = false
                start = buffer.frames[Int(sentFrames)].end
                sentFrames += 1
            }
        }
        firstIsBegun = firstIsBegun || sent > start
    }

    /// Discards every whole frame that waits and may be discarded, and returns what they were,
    /// in order.
    ///
    /// Replies stay, and so does a frame that the kernel has begun. The caller rewinds each
    /// channel to just before the first entry it finds here.
    package mutating func discardWaiting(pool: inout BufferPool) -> [FrameKind] {
        // A reply stays whatever happens.
        guard state == .sharing || state == .gathering else { return [] }
        gather(&pool)
        var kept = pool.take()
        var discarded: [FrameKind] = []
        var start = Int(sent)
        for (index, frame) in buffer.frames[Int(sentFrames)...].enumerated() {
            let end = Int(frame.end)
            if frame.kind.isDiscardable && !(index == 0 && firstIsBegun) {
                discarded.append(frame.kind)
                pool.budget.give(back: end - start)
            } else {
                kept.bytes.append(contentsOf: buffer.bytes[start..<end])
                kept.frames.append(QueuedFrame(kind: frame.kind, end: UInt32(kept.bytes.count)))
            }
            start = end
        }
        swap(&buffer, &kept)
        pool.give(back: kept)
        sent = 0
        sentFrames = 0
        if buffer.bytes.isEmpty { reset(&pool) }
        return discarded
    }

    /// Forgets everything, for a connection that has ended.
    package mutating func close(pool: inout BufferPool) {
        pool.budget.give(back: waitingBytes)
        reset(&pool)
    }

    /// Makes the buffer one of our own with room for more: what waits of a shared or moved-in
    /// frame is copied into it.
    private mutating func gather(_ pool: inout BufferPool) {
        guard state != .gathering else { return reclaim() }
        var own = pool.take()
        switch state {
        case .empty, .gathering: break
        case .lone:
            own.bytes.append(contentsOf: buffer.bytes[Int(sent)...])
            own.frames.append(QueuedFrame(kind: .reply, end: UInt32(own.bytes.count)))
        case .sharing:
            own.append(
                buffer.bytes[Int(sent)...], buffer.frames[Int(sentFrames)...], on: channel)
        }
        buffer = own
        sent = 0
        sentFrames = 0
        state = .gathering
    }

    /// Closes the space of bytes already sent once it is both large and most of the buffer: each
    /// byte moves at most once for each byte sent, and the buffer stays near twice the budget.
    private mutating func reclaim() {
        guard Int(sent) >= Outbox.reclaimedBytes, Int(sent) >= waitingBytes else { return }
        buffer.bytes.removeFirst(Int(sent))
        buffer.frames.removeFirst(Int(sentFrames))
        for index in buffer.frames.indices {
            buffer.frames[index].end -= sent
        }
        sent = 0
        sentFrames = 0
    }

    /// 64 KiB: below it, moving bytes costs more than the memory is worth.
    static let reclaimedBytes = 64 * 1_024

    private mutating func reset(_ pool: inout BufferPool) {
        switch state {
        case .empty: break
        case .lone: buffer.bytes = []
        case .sharing:
            buffer.bytes = []
            buffer.frames = []
        case .gathering:
            var old = BufferPool.Buffer()
            swap(&old, &buffer)
            pool.give(back: old)
        }
        sent = 0
        sentFrames = 0
        firstIsBegun = false
        state = .empty
    }
}
