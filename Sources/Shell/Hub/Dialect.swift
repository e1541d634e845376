import Phoenix

/// A way to write one and the same event on the wire: each is encoded once per broadcast.
struct Dialect: Hashable {
    /// Bit 0: version 2. Bit 1: alias. Bit 2: compressed.
    let rawValue: UInt8

    static let count = 8

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(version: WireVersion, isAlias: Bool, isCompressed: Bool) {
        let versionBit: UInt8 =
            switch version {
            case .v1: 0
            case .v2: 1
            }
        rawValue = versionBit | (isAlias ? 2 : 0) | (isCompressed ? 4 : 0)
    }

    var version: WireVersion { rawValue & 1 == 0 ? .v1 : .v2 }
    var isAlias: Bool { rawValue & 2 != 0 }
    var isCompressed: Bool { rawValue & 4 != 0 }
}
