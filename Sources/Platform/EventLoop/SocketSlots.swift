import CLibuv

/// What a socket record is used for at present.
///
///     free ──▶ connecting ──▶ open ──▶ lingering ──▶ closing ──▶ free
///
/// A record may go to `closing` from each of the three states before it.
enum SocketState: UInt8 {
    /// In the free list.
    case free
    /// Waits for the peer's answer; only ours, made by a connect.
    case connecting
    /// Serves.
    case open
    /// Shut down by us; what arrives is thrown away until the peer is done.
    case lingering
    /// The descriptor is closed, libuv has the handle until its close callback.
    case closing
}

/// Why a record is closing, as it fits one byte of it. See ``SocketEnd``.
enum EndReason: UInt8 {
    case closedByPeer, closedByUs, connectFailed, receiveFailed, sendFailed
}

/// The memory of a table's sockets: records in blocks that never move, since libuv holds
/// pointers into them, and a stack of the free ones.
struct SocketSlots {
    typealias Record = UnsafeMutablePointer<socket_record>

    /// 256 records are about 47 KB: small beside what so many connections cost in the kernel,
    /// large enough that growing is rare. Untouched pages of a block cost nothing.
    private static let blockSize = 256

    private var blocks: [Record] = []
    private var free: [UInt32] = []
    /// By slot: the descriptor of an open socket, -1 for any other. A fan-out sends to thousands in
    /// a row; here sixteen share a cache line, while each record has one of its own.
    private var descriptors: ContiguousArray<Int32> = []

    /// Records in use, whatever their state.
    private(set) var count = 0

    /// Records there is memory for; never shrinks while the table lives.
    var capacity: Int { blocks.count * SocketSlots.blockSize }

    /// Returns a record that keeps only its slot and generation from its earlier use.
    mutating func take() -> Record {
        if free.isEmpty { grow() }
        count += 1
        return record(at: free.removeLast())
    }

    /// Puts a record back; ids of its last use are stale from here on.
    mutating func put(_ record: Record) {
        record.pointee.generation &+= 1
        set(record, .free)
        free.append(record.pointee.slot)
        count -= 1
    }

    /// The record of an id, unless the id is stale or was never given out.
    func find(_ id: SocketID) -> Record? {
        guard id.slot < UInt32(clamping: capacity) else { return nil }
        let record = record(at: id.slot)
        guard record.pointee.generation == id.generation, record.state != .free else { return nil }
        return record
    }

    /// The descriptor of the open socket that has this slot now; nil when it is not open.
    func openDescriptor(at slot: UInt32) -> Int32? {
        guard Int(slot) < descriptors.count, descriptors[Int(slot)] >= 0 else { return nil }
        return descriptors[Int(slot)]
    }

    /// The record of a slot that was given out.
    func record(at slot: UInt32) -> Record {
        let (block, index) = Int(slot).quotientAndRemainder(dividingBy: SocketSlots.blockSize)
        return blocks[block] + index
    }

    /// Moves a record on. The only way into and out of `open`.
    mutating func set(_ record: Record, _ state: SocketState) {
        record.pointee.state = state.rawValue
        descriptors[Int(record.pointee.slot)] = state == .open ? record.descriptor : -1
    }

    /// Calls `body` with every record in use. It must not take or put records.
    func visit(_ body: (Record) -> Void) {
        for slot in 0..<UInt32(clamping: capacity) {
            let record = record(at: slot)
            if record.state != .free { body(record) }
        }
    }

    /// Frees the blocks. No handle may be open in any of them.
    mutating func deallocate() {
        for block in blocks { block.deallocate() }
        blocks = []
    }

    private mutating func grow() {
        let block = Record.allocate(capacity: SocketSlots.blockSize)
        let first = UInt32(capacity)
        for index in 0..<SocketSlots.blockSize {
            var record = socket_record()
            record.slot = first + UInt32(index)
            record.generation = 1
            (block + index).initialize(to: record)
        }
        blocks.append(block)
        descriptors.append(contentsOf: repeatElement(-1, count: SocketSlots.blockSize))
        // Reversed, so that low slots are used first.
        free.append(contentsOf: (first..<first + UInt32(SocketSlots.blockSize)).reversed())
    }
}

extension UnsafeMutablePointer where Pointee == socket_record {
    var id: SocketID {
        SocketID(slot: pointee.slot, generation: pointee.generation)
    }

    var state: SocketState {
        guard let state = SocketState(rawValue: pointee.state) else {
            preconditionFailure("socket record in state \(pointee.state)")
        }
        return state
    }

    /// How a closing record came to its end.
    var end: SocketEnd {
        guard let reason = EndReason(rawValue: pointee.end_reason) else {
            preconditionFailure("socket record with end reason \(pointee.end_reason)")
        }
        let code = pointee.end_code
        switch reason {
        case .closedByPeer: return .closedByPeer
        case .closedByUs: return .closedByUs
        case .connectFailed: return .failed(SystemError(code: code, operation: "connect"))
        case .receiveFailed: return .failed(SystemError(code: code, operation: "receive"))
        case .sendFailed: return .failed(SystemError(code: code, operation: "send"))
        }
    }

    var descriptor: Int32 {
        get { pointee.descriptor }
        nonmutating set { pointee.descriptor = newValue }
    }

    var handle: UnsafeMutablePointer<uv_handle_t> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_handle_t.self)
    }

    var poll: UnsafeMutablePointer<uv_poll_t> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_poll_t.self)
    }
}
