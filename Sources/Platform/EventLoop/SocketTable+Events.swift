import CLibuv
import Glibc

// What libuv reports, and the life of a record.
extension SocketTable {
    typealias Record = SocketSlots.Record

    func openSocket(family: Int32) throws(SystemError) -> Int32 {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw SystemError.last("socket") }
        do throws(SystemError) {
            // Owners gather what they write themselves. Accepted sockets inherit it from their
            // listener on Linux; `SocketTableTests` holds it to that.
            try setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1, "TCP_NODELAY")
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    func setOption(
        _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32, _ name: String
    ) throws(SystemError) {
        var value = value
        let status = setsockopt(
            descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        if status != 0 { throw SystemError.last("setsockopt \(name)") }
    }

    /// Takes over a descriptor, unless it throws.
    func adopt(_ descriptor: Int32, as state: SocketState) throws(SystemError) -> Record {
        precondition(!loop.isClosed, "a closed EventLoop serves no sockets")
        let record = slots.take()
        let status = uv_poll_init(loop.raw, record.poll, descriptor)
        if status < 0 {
            slots.put(record)
            throw SystemError(code: -status, operation: "watch socket")
        }
        // Given back in socketReleased, after which libuv knows the record no more.
        record.handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
        record.descriptor = descriptor
        slots.set(record, state)
        record.pointee.wants_read = state == .open ? 1 : 0
        record.pointee.wants_write = state == .connecting ? 1 : 0
        watch(record)
        return record
    }

    func watch(_ record: Record) {
        let events =
            (record.pointee.wants_read == 1 ? Int32(UV_READABLE.rawValue) : 0)
            | (record.pointee.wants_write == 1 ? Int32(UV_WRITABLE.rawValue) : 0)
        if events == 0 {
            uv_poll_stop(record.poll)
        } else {
            uv_poll_start(record.poll, events, socketReady)
        }
    }

    /// Closes the descriptor now; the end is reported from libuv's close callback, so never
    /// inside a call of the owner.
    func beginClose(_ record: Record, _ reason: EndReason, code: Int32 = 0) {
        guard record.state != .closing else { return }
        slots.set(record, .closing)
        record.pointee.end_reason = reason.rawValue
        record.pointee.end_code = code
        uv_close(record.handle, socketReleased)
        Glibc.close(record.descriptor)
    }

    fileprivate func ready(_ record: Record, status: Int32, events: Int32) {
        let isReadable = events & Int32(UV_READABLE.rawValue) != 0
        let isWritable = events & Int32(UV_WRITABLE.rawValue) != 0
        switch record.state {
        case .connecting:
            finishConnect(record)
        case .open:
            let id = record.id
            if status < 0 {
                socketBroke(record)
                return
            }
            if isReadable { receive(record) }
            guard isWritable, isServing(record, id), record.pointee.wants_write == 1 else { return }
            record.pointee.wants_write = 0
            watch(record)
            owner?.socketWritable(id)
        case .lingering:
            if status < 0 { beginClose(record, .closedByUs) } else { discard(record) }
        case .closing, .free:
            break
        }
    }

    /// An error waits on the socket, and libuv has stopped watching. What arrived before it is
    /// still read, a turn's share at a time.
    private func socketBroke(_ record: Record) {
        let id = record.id
        if record.pointee.wants_read == 1 {
            receive(record)
            guard isServing(record, id) else { return }
            watch(record)
        } else {
            beginClose(record, .receiveFailed, code: pendingError(record) ?? ECONNRESET)
        }
    }

    private func receive(_ record: Record) {
        let id = record.id
        for _ in 0..<limits.readsPerTurn {
            let count = recv(record.descriptor, buffer.baseAddress, buffer.count, 0)
            if count == 0 {
                beginClose(record, .closedByPeer)
                return
            }
            if count < 0 {
                if errno == EAGAIN { return }
                if errno == EINTR { continue }
                beginClose(record, .receiveFailed, code: errno)
                return
            }
            owner?.socketReceived(id, UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            // The owner may have closed this socket, or had enough for now. A short read means
            // that nothing is left.
            guard isServing(record, id), record.pointee.wants_read == 1, count == buffer.count
            else { return }
        }
    }

    private func discard(_ record: Record) {
        for _ in 0..<limits.readsPerTurn {
            let count = recv(record.descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 || (count < 0 && errno == EINTR) { continue }
            if count < 0 && errno == EAGAIN { return }
            beginClose(record, .closedByUs)
            return
        }
    }

    private func finishConnect(_ record: Record) {
        if let code = pendingError(record) {
            beginClose(record, .connectFailed, code: code)
            return
        }
        var address = SocketAddress()
        let status = address.withPointer { getpeername(record.descriptor, $0, &$1) }
        guard status == 0, let peer = PeerAddress(address) else {
            beginClose(record, .connectFailed, code: ENOTCONN)
            return
        }
        slots.set(record, .open)
        record.pointee.wants_read = 1
        record.pointee.wants_write = 0
        watch(record)
        owner?.socketOpened(record.id, peer: peer)
    }

    private func isServing(_ record: Record, _ id: SocketID) -> Bool {
        record.id == id && record.state == .open
    }

    private func pendingError(_ record: Record) -> Int32? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(record.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? nil : code
    }

    fileprivate func released(_ record: Record) {
        let id = record.id
        let end = record.end
        slots.put(record)
        owner?.socketClosed(id, end)
    }
}

private nonisolated func socketReady(
    _ handle: UnsafeMutablePointer<uv_poll_t>?, status: Int32, events: Int32
) {
    guard let handle, let data = handle.pointee.data else { return }
    let record = UnsafeMutableRawPointer(handle).assumingMemoryBound(to: socket_record.self)
    // The record holds a reference to its table until socketReleased.
    Unmanaged<SocketTable>.fromOpaque(data)._withUnsafeGuaranteedRef {
        $0.ready(record, status: status, events: events)
    }
}

private nonisolated func socketReleased(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
    guard let handle, let data = handle.pointee.data else { return }
    let record = UnsafeMutableRawPointer(handle).assumingMemoryBound(to: socket_record.self)
    let table = Unmanaged<SocketTable>.fromOpaque(data)
    table._withUnsafeGuaranteedRef { $0.released(record) }
    table.release()
}
