import HTTP

/// One extension as `Sec-WebSocket-Extensions` names it, with its parameters (RFC 6455 §9.1).
struct ExtensionOffer: Equatable {
    var name: String
    var parameters: [Parameter] = []

    struct Parameter: Equatable {
        var name: String
        var value: String?
    }

    /// Most extensions taken from one request. Browsers offer one, libraries up to three.
    static let maximumOffers = 16

    /// All offers of the header's lines, in order of preference; nil when the grammar is broken,
    /// which must end the handshake (§9.1).
    static func parse(_ lines: [String]) -> [ExtensionOffer]? {
        var offers: [ExtensionOffer] = []
        for line in lines {
            var scanner = Scanner(Array(line.utf8))
            repeat {
                // RFC 9110 §5.6.1: empty members are ignored.
                if scanner.isAtMemberEnd() { continue }
                guard let offer = scanner.offer(), offers.count < maximumOffers else { return nil }
                offers.append(offer)
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.isAtEnd else { return nil }
        }
        return offers
    }
}

extension ExtensionOffer {
    /// Walks over one header line.
    private struct Scanner {
        private let bytes: [UInt8]
        private var index = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        var isAtEnd: Bool { index == bytes.count }

        /// Whether only a comma or the end follows.
        mutating func isAtMemberEnd() -> Bool {
            skipBlanks()
            return isAtEnd || bytes[index] == UInt8(ascii: ",")
        }

        mutating func take(_ byte: UInt8) -> Bool {
            skipBlanks()
            guard index < bytes.count, bytes[index] == byte else { return false }
            index += 1
            return true
        }

        /// `name *( ";" parameter [ "=" value ] )`
        mutating func offer() -> ExtensionOffer? {
            guard let name = token() else { return nil }
            var offer = ExtensionOffer(name: name)
            while take(UInt8(ascii: ";")) {
                guard let name = token() else { return nil }
                var value: String?
                if take(UInt8(ascii: "=")) {
                    guard let parsed = take(UInt8(ascii: "\"")) ? quotedToken() : token() else {
                        return nil
                    }
                    value = parsed
                }
                offer.parameters.append(Parameter(name: name, value: value))
            }
            skipBlanks()
            return offer
        }

        private mutating func token() -> String? {
            skipBlanks()
            let start = index
            while index < bytes.count, bytes[index].isTokenCharacter { index += 1 }
            return start == index ? nil : String(decoding: bytes[start..<index], as: UTF8.self)
        }

        /// Behind the opening quote. What is unescaped must be a token (§9.1).
        private mutating func quotedToken() -> String? {
            var value: [UInt8] = []
            while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                if bytes[index] == UInt8(ascii: "\\") { index += 1 }
                guard index < bytes.count, bytes[index].isTokenCharacter else { return nil }
                value.append(bytes[index])
                index += 1
            }
            guard index < bytes.count, !value.isEmpty else { return nil }
            index += 1
            return String(decoding: value, as: UTF8.self)
        }

        private mutating func skipBlanks() {
            while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        }
    }
}
