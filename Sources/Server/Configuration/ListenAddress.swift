import Glibc

/// Where the server listens: a numeric address and a port.
///
/// Names are not resolved, because a name may mean several addresses and change; `localhost` is
/// the exception and means 127.0.0.1.
struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    enum Family: Sendable { case v4, v6 }

    /// In numbers, without brackets.
    let host: String
    let family: Family

    /// 0: the kernel chooses a free one.
    let port: UInt16

    static let standard = ListenAddress(host: "127.0.0.1", family: .v4, port: 4000)

    private init(host: String, family: Family, port: UInt16) {
        self.host = host
        self.family = family
        self.port = port
    }

    /// Reads `127.0.0.1:4000`, `[::1]:4000` or `localhost:4000`; nil for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = UInt16(digits) else {
            return nil
        }
        let name = text[..<colon]
        if name.hasPrefix("["), name.hasSuffix("]") {
            self.init(host: String(name.dropFirst().dropLast()), family: .v6, port: port)
        } else {
            let host = name == "localhost" ? "127.0.0.1" : String(name)
            self.init(host: host, family: .v4, port: port)
        }
        guard bytes != nil else { return nil }
    }

    var description: String {
        switch family {
        case .v4: "\(host):\(port)"
        case .v6: "[\(host)]:\(port)"
        }
    }

    /// Whether only this machine can reach it: 127.0.0.0/8 (RFC 1122 §3.2.1.3), ::1
    /// (RFC 4291 §2.5.3), and the first mapped into IPv6.
    var isLoopback: Bool {
        guard let bytes else { return false }
        switch family {
        case .v4: return bytes[0] == 127
        case .v6:
            let isUnitAddress = bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255
            return isUnitAddress || (isMapped && bytes[11] == 255 && bytes[12] == 127)
        }
    }

    /// The address in network order, nil when `host` is not one.
    private var bytes: [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: family == .v4 ? 4 : 16)
        let number = family == .v4 ? AF_INET : AF_INET6
        return inet_pton(number, host, &bytes) == 1 ? bytes : nil
    }
}
