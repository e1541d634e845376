import CLibuv
import Glibc

/// An open listening descriptor and what watches it.
struct Listener {
    let descriptor: Int32
    let poller: Poller
}

extension SocketTable {
    /// Accepts connections on a port, from the next turn on, and returns the port: the chosen
    /// one when 0 was asked for.
    ///
    /// The port may be shared: every loop and every process of ours listens on it by itself,
    /// and Linux spreads the connections (`SO_REUSEPORT`). An IPv6 listener takes IPv4 too.
    /// May be called for several addresses. An open listener keeps the table alive.
    package func listen(
        host: String, port: UInt16, backlog: Int32 = 4_096
    ) throws(SystemError) -> UInt16 {
        var address = try SocketAddress(host: host, port: port)
        let descriptor = try openSocket(family: address.family)
        do throws(SystemError) {
            try setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
            try setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT")
            if address.family == AF_INET6 {
                try setOption(
                    descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0, "IPV6_V6ONLY")
            }
            let bound = address.withPointer { Glibc.bind(descriptor, $0, $1) }
            guard bound == 0, Glibc.listen(descriptor, backlog) == 0 else {
                throw SystemError.last("listen on \(host):\(port)")
            }
            let actual = PeerAddress(try SocketAddress(localOf: descriptor))
            let poller = try Poller(loop: loop, descriptor: descriptor) { _ in
                self.acceptBatch(descriptor)
            }
            poller.watch(.readable)
            listeners.append(Listener(descriptor: descriptor, poller: poller))
            return actual?.port ?? port
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Closes all listeners. Who still waits in their backlog is reset by the kernel.
    package func stopListening() {
        for listener in listeners {
            listener.poller.close()
            Glibc.close(listener.descriptor)
        }
        listeners = []
    }

    private func acceptBatch(_ listener: Int32) {
        for _ in 0..<limits.acceptsPerTurn {
            // The owner may have stopped listening when it heard of the last one.
            guard listeners.contains(where: { $0.descriptor == listener }) else { return }
            var address = SocketAddress()
            let descriptor = address.withPointer {
                accept4(
                    listener, $0, &$1,
                    Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
            }
            if descriptor >= 0 {
                opened(descriptor, from: address)
                continue
            }
            switch AcceptFailure(errno) {
            case .nobodyWaits: return
            case .affectsOne: continue
            case .affectsAll:
                pauseAccepting(listener)
                return
            }
        }
    }

    private func opened(_ descriptor: Int32, from address: SocketAddress) {
        guard let peer = PeerAddress(address) else {
            Glibc.close(descriptor)
            return
        }
        do throws(SystemError) {
            let record = try adopt(descriptor, as: .open)
            owner?.socketOpened(record.id, peer: peer)
        } catch {
            // The kernel would not watch it. Nobody has heard of it, so there is nobody to tell.
            Glibc.close(descriptor)
        }
    }

    private func pauseAccepting(_ descriptor: Int32) {
        watchListener(descriptor, [])
        loop.schedule(after: limits.acceptPause) { self.watchListener(descriptor, .readable) }
    }

    private func watchListener(_ descriptor: Int32, _ readiness: Readiness) {
        listeners.first { $0.descriptor == descriptor }?.poller.watch(readiness)
    }
}

/// What a failed accept means for the next one.
enum AcceptFailure: Equatable {
    /// The backlog is empty.
    case nobodyWaits
    /// One connection died in the backlog; the next may be well. accept(2) asks to treat the
    /// network's errors so.
    case affectsOne
    /// No descriptors, no memory, or something unheard of: trying again at once would spin.
    case affectsAll

    init(_ code: Int32) {
        switch code {
        case EAGAIN:
            self = .nobodyWaits
        case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, EHOSTUNREACH,
            ENETUNREACH, EOPNOTSUPP, EPERM:
            self = .affectsOne
        default:
            self = .affectsAll
        }
    }
}
