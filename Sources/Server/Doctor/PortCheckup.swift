import Glibc

/// Looks whether the server could listen, or does so already.
struct PortCheckup {
    let address: ListenAddress

    /// How long somebody at the port may take to answer. 2 seconds: it is this machine.
    static let longestAnswerSeconds = 2

    func finding() -> Finding {
        let descriptor = open()
        guard descriptor >= 0 else { return refusal(errno) }
        defer { close(descriptor) }
        // As the server does, so that connections of a server just stopped do not count.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let code = address.withSocketAddress { bind(descriptor, $0, $1) == 0 ? 0 : errno }
        switch code {
        case 0:
            return .well("port: \(address) is free")
        case EADDRINUSE where answersAsHealthy():
            return .well("port: \(address) is taken by a server that answers /healthz")
        case let code:
            return refusal(code)
        }
    }

    private func refusal(_ code: Int32) -> Finding {
        let reason = String(cString: strerror(code))
        let remedy =
            switch code {
            case EADDRINUSE: "stop what listens there (ss -ltnp), or choose another --listen"
            case EACCES: "choose a port from 1024 on, or give the server CAP_NET_BIND_SERVICE"
            case EADDRNOTAVAIL: "choose an address of this machine (ip address)"
            case _: "choose another --listen"
            }
        return .mend("port: \(address): \(reason)", remedy)
    }

    private func answersAsHealthy() -> Bool {
        let descriptor = open()
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: PortCheckup.longestAnswerSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        guard address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 else { return false }
        let request = "GET /healthz HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
        let bytes = Array(request.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        else { return false }
        var answer = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &answer, answer.count, 0)
        return answer.prefix(max(0, count)).starts(with: Array("HTTP/1.1 200 ".utf8))
    }

    private func open() -> Int32 {
        let family = address.family == .v4 ? AF_INET : AF_INET6
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return socket(family, kind, 0)
    }
}

extension ListenAddress {
    /// Lends the address in the kernel's form for the length of the call.
    fileprivate func withSocketAddress<Value>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        func lend<Form>(_ form: Form) -> Value {
            withUnsafeBytes(of: form) { bytes in
                // Not empty: a socket address has a fixed size above 0.
                body(
                    bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self),
                    socklen_t(bytes.count))
            }
        }
        switch family {
        case .v4:
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &form.sin_addr)
            return lend(form)
        case .v6:
            var form = sockaddr_in6()
            form.sin6_family = sa_family_t(AF_INET6)
            form.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &form.sin6_addr)
            return lend(form)
        }
    }
}
