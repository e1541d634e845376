import Glibc

/// The address and port at the other end of a connection.
///
/// Kept as the 128 bits of an IPv6 address, an IPv4 one in its mapped form (RFC 4291
/// §2.5.5.2), so that a million of them cost no allocation and a client counts as the same
/// person on a listener of either kind.
package struct PeerAddress: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// The port in the host's byte order.
    package let port: UInt16

    /// Nil for a family that is neither IPv4 nor IPv6.
    init?(_ address: SocketAddress) {
        switch Int32(address.storage.ss_family) {
        case AF_INET:
            let v4 = address.read(as: sockaddr_in.self)
            high = 0
            low = PeerAddress.mappedPrefix << 32 | UInt64(UInt32(bigEndian: v4.sin_addr.s_addr))
            port = UInt16(bigEndian: v4.sin_port)
        case AF_INET6:
            let v6 = address.read(as: sockaddr_in6.self)
            (high, low) = withUnsafeBytes(of: v6.sin6_addr) {
                (
                    UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            port = UInt16(bigEndian: v6.sin6_port)
        default:
            return nil
        }
    }

    /// The address without its port, as its standards write it: `127.0.0.1`, `2001:db8::1`.
    package var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if isIPv4 {
            var address = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
            inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        } else {
            var halves = (high.bigEndian, low.bigEndian)
            inet_ntop(AF_INET6, &halves, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// `127.0.0.1:4000` or `[::1]:4000`.
    package var text: String {
        isIPv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
    }

    /// Whether the peer is on this machine: 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1
    }

    private var isIPv4: Bool {
        high == 0 && low >> 32 == PeerAddress.mappedPrefix
    }

    private static let mappedPrefix: UInt64 = 0xFFFF
}

extension PeerAddress: CustomStringConvertible {
    package var description: String { text }
}
