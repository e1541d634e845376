import Basics
import CLibuv
import Glibc

/// The TCP sockets of one loop, as plain records: no object and no closure per socket.
///
/// Reading is the table's business, into one buffer shared by all; what is written, and when,
/// is the owner's. Everything happens on the loop's thread.
package final class SocketTable: LoopResource {
    /// Size of the shared receive buffer, so the most that arrives in one call. 64 KiB takes a
    /// whole TLS record or forty full segments with one system call.
    package static let bufferBytes = 65_536

    /// Who hears of the sockets. Set it before the first listen or connect. Not kept alive,
    /// since it usually owns the table; when it is gone, what happens is told to nobody.
    package weak var owner: (any SocketOwner)?

    let loop: EventLoop
    let limits: SocketLimits
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 16)
    var slots = SocketSlots()
    var listeners: [Listener] = []
    var lingering = LingerQueue()

    package init(loop: EventLoop, limits: SocketLimits = SocketLimits()) {
        self.loop = loop
        self.limits = limits
    }

    deinit {
        // Every record in use holds a reference to the table, so none is.
        slots.deallocate()
        buffer.deallocate()
    }

    /// Sockets that have not been reported closed: opening, open, or on their way out.
    package var count: Int { slots.count }

    /// Starts a connection from an address of this machine, or any if `source` is nil.
    ///
    /// It is opened or closed later, never during this call. Throws what fails at once: a host
    /// that is no literal, no descriptor left, an address that is not ours.
    package func connect(
        host: String, port: UInt16, from source: String? = nil
    ) throws(SystemError) -> SocketID {
        var address = try SocketAddress(host: host, port: port)
        let descriptor = try openSocket(family: address.family)
        do throws(SystemError) {
            if let source { try bind(descriptor, source: source) }
            let status = address.withPointer { Glibc.connect(descriptor, $0, $1) }
            if status != 0 && errno != EINPROGRESS {
                throw SystemError.last("connect \(host):\(port)")
            }
            return try adopt(descriptor, as: .connecting).id
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Hands bytes to the kernel and returns how many it took, possibly none.
    ///
    /// 0 too for a stale id and a dead peer, whose end is reported later. Cost: one system call.
    package func send(_ id: SocketID, _ bytes: RawSpan) -> Int {
        guard slots.find(id) != nil else { return 0 }
        return send(toSlot: id.slot, bytes)
    }

    /// The same for an owner that forgets a slot when it hears ``SocketOwner/socketClosed(_:_:)``,
    /// so that the slot alone says which socket it means.
    package func send(toSlot slot: UInt32, _ bytes: RawSpan) -> Int {
        guard let descriptor = slots.openDescriptor(at: slot), !bytes.isEmpty else { return 0 }
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        while true {
            let sent = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, flags)
            }
            if sent >= 0 { return sent }
            switch errno {
            case EINTR: continue
            case EAGAIN, ENOBUFS: return 0
            default:
                beginClose(slots.record(at: slot), .sendFailed, code: errno)
                return 0
            }
        }
    }

    /// Asks for one ``SocketOwner/socketWritable(_:)`` when the kernel has room again.
    package func awaitWritable(_ id: SocketID) {
        guard let record = slots.find(id), record.state == .open,
            record.pointee.wants_write == 0
        else { return }
        record.pointee.wants_write = 1
        watch(record)
    }

    /// Leaves what arrives in the kernel, so that the peer is slowed down. A peer that goes
    /// meanwhile is noticed when reading resumes or something is sent.
    package func pauseReading(_ id: SocketID) {
        guard let record = slots.find(id), record.state == .open,
            record.pointee.wants_read == 1
        else { return }
        record.pointee.wants_read = 0
        watch(record)
    }

    /// Takes up reading again.
    package func resumeReading(_ id: SocketID) {
        guard let record = slots.find(id), record.state == .open,
            record.pointee.wants_read == 0
        else { return }
        record.pointee.wants_read = 1
        watch(record)
    }

    /// Ends our side, and the socket when the peer ends its own or after
    /// ``SocketLimits/linger``, so that what was sent last is not lost. Nothing more is
    /// received or sent on it.
    package func closeAfterShutdown(_ id: SocketID) {
        guard let record = slots.find(id), record.state == .open else { return }
        guard shutdown(record.descriptor, Int32(SHUT_WR)) == 0 else {
            beginClose(record, .closedByUs)
            return
        }
        slots.set(record, .lingering)
        record.pointee.wants_read = 1
        record.pointee.wants_write = 0
        watch(record)
        lingering.append(id, until: loop.now.advanced(by: limits.linger))
        scheduleLingerSweep()
    }

    /// Closes the descriptor at once; unsent bytes may be lost. Its end is reported later.
    package func close(_ id: SocketID) {
        guard let record = slots.find(id) else { return }
        beginClose(record, .closedByUs)
    }

    override func closeHandles() {
        stopListening()
        slots.visit { beginClose($0, .closedByUs) }
    }
}

extension SocketTable {
    private func bind(_ descriptor: Int32, source: String) throws(SystemError) {
        var address = try SocketAddress(host: source, port: 0)
        // The port is then chosen at connect, where it need only be unique per destination:
        // that is what gets a load generator past 28,000 connections.
        try setOption(
            descriptor, Int32(IPPROTO_IP), bindAddressNoPort, 1, "IP_BIND_ADDRESS_NO_PORT")
        let status = address.withPointer { Glibc.bind(descriptor, $0, $1) }
        if status != 0 { throw SystemError.last("bind \(source)") }
    }

    private func scheduleLingerSweep() {
        guard lingering.timer == nil, let next = lingering.nextDeadline else { return }
        lingering.timer = loop.schedule(after: loop.now.duration(to: next)) {
            self.lingering.timer = nil
            let now = self.loop.now
            while let id = self.lingering.takeDue(at: now) { self.close(id) }
            self.scheduleLingerSweep()
        }
    }
}

/// `IP_BIND_ADDRESS_NO_PORT` of linux/in.h, which Swift's Glibc does not show.
private let bindAddressNoPort: Int32 = 24
