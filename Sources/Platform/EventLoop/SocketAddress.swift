import Glibc

/// A `sockaddr` of either family, as the system calls take and return it.
struct SocketAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    init() {}

    /// Takes an IPv4 or IPv6 literal, or `localhost`, which is 127.0.0.1. Names are refused:
    /// looking one up would block the loop.
    init(host: String, port: UInt16) throws(SystemError) {
        let literal = host == "localhost" ? "127.0.0.1" : host
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if inet_pton(AF_INET, literal, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            write(v4)
        } else if inet_pton(AF_INET6, literal, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            write(v6)
        } else {
            throw SystemError(
                code: EINVAL,
                operation: "address \(host) (expected an IPv4 or IPv6 literal or localhost)")
        }
    }

    /// Where a bound socket of ours stands.
    init(localOf descriptor: Int32) throws(SystemError) {
        let status = withPointer { getsockname(descriptor, $0, &$1) }
        if status != 0 { throw SystemError.last("getsockname") }
    }

    var family: Int32 { Int32(storage.ss_family) }

    /// `Address` is one of the C structs that begin like `sockaddr` and fit its storage.
    func read<Address>(as type: Address.Type) -> Address {
        withUnsafeBytes(of: storage) { $0.load(as: type) }
    }

    mutating func withPointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Result
    ) -> Result {
        var length = length
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            // Every sockaddr begins with its family; the calls take the base type by contract.
            body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        }
        self.length = length
        return result
    }

    private mutating func write<Address>(_ address: Address) {
        length = socklen_t(MemoryLayout<Address>.size)
        withUnsafeMutableBytes(of: &storage) { storage in
            withUnsafeBytes(of: address) { storage.copyMemory(from: $0) }
        }
    }
}
