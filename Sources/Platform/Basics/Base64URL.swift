/// Base64 with the URL alphabet and without padding (RFC 4648 §5), as JWTs write it.
package enum Base64URL {
    /// The text of `bytes`, in one line.
    package static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes, alphabet: urlAlphabet, padded: false)
    }

    /// Returns nil for a character outside the alphabet or an impossible length. Padding at
    /// the end is tolerated, because some token libraries leave it on.
    package static func decode(_ text: String) -> [UInt8]? {
        decode(Array(text.utf8))
    }

    /// The same for a part of a text, such as one part of a token.
    package static func decode(_ text: Substring) -> [UInt8]? {
        decode(Array(text.utf8))
    }

    /// Concrete, because a generic one is not specialised in other modules: measured, it cost
    /// 22 ns a character.
    private static func decode(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var accumulator: UInt32 = 0
        var bits = 0
        var symbols = 0
        var ended = false
        for character in text {
            if character == UInt8(ascii: "=") {
                ended = true
                continue
            }
            guard !ended, let value = value(of: character) else { return nil }
            symbols += 1
            accumulator = accumulator << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: accumulator >> UInt32(bits)))
            }
        }
        return symbols % 4 == 1 ? nil : bytes
    }

    private static let urlAlphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }

    fileprivate static func encode(_ bytes: [UInt8], alphabet: [UInt8], padded: Bool) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let group =
                UInt32(bytes[index]) << 16
                | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            for place in 0..<4 {
                if place <= left {
                    text.append(alphabet[Int(group >> UInt32(18 - 6 * place)) & 63])
                } else if padded {
                    text.append(UInt8(ascii: "="))
                }
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Base64 with the standard alphabet and padding (RFC 4648 §4), as `Sec-WebSocket-Accept` wants it.
package enum Base64 {
    /// The text of `bytes`, in one line.
    package static func encode(_ bytes: [UInt8]) -> String {
        Base64URL.encode(bytes, alphabet: alphabet, padded: true)
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
