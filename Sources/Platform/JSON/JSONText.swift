import Glibc

/// The text inside JSON strings: how to write it, and what PostgreSQL would not store.
package enum JSONText {
    /// Appends `text` as a JSON string, quotes included, with the fewest escapes RFC 8259 §7
    /// demands: quote, backslash and control characters. U+2028 and U+2029 stay as they are.
    ///
    /// Cost: one append for each run without escapes; no allocation but the output's.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(quote)
        var text = text
        text.withUTF8 { utf8 in
            var run = 0
            for index in utf8.indices where needsEscape(utf8[index]) {
                bytes.append(contentsOf: utf8[run..<index])
                appendEscape(of: utf8[index], to: &bytes)
                run = index + 1
            }
            bytes.append(contentsOf: utf8[run...])
        }
        bytes.append(quote)
    }

    /// Whether PostgreSQL would take every string in this valid JSON: false for an escaped
    /// U+0000 or an escaped lone surrogate, both of which `jsonb` and `text` refuse.
    ///
    /// Looks at the raw bytes, so it also serves payloads that are relayed undecoded.
    package static func isStorable(_ json: [UInt8]) -> Bool {
        scanEscapes(json.span) { unit, _ in unit == 0 || isSurrogate(unit) }
    }

    /// Whether `json` has an escaped lone surrogate, such as `\ud800` without its partner.
    static func hasLoneSurrogate(_ json: Span<UInt8>) -> Bool {
        !scanEscapes(json) { unit, _ in isSurrogate(unit) }
    }

    /// The same JSON with every escaped lone surrogate replaced by U+FFFD, byte for byte as long.
    ///
    /// Not for relaying: only to read the rest of a document that is refused for them.
    package static func replacingLoneSurrogates(in json: [UInt8]) -> [UInt8] {
        var repaired = json
        _ = scanEscapes(json.span) { unit, index in
            if isSurrogate(unit) {
                repaired.replaceSubrange(index..<index + 6, with: replacement)
            }
            return false
        }
        return repaired
    }

    /// Calls `refused` with each `\uXXXX` that is not part of a pair and where it stands; false
    /// once one is refused.
    ///
    /// A bad hexadecimal digit ends the scan with nothing refused: that is not JSON anyway.
    private static func scanEscapes(
        _ json: Span<UInt8>, refusing refused: (_ unit: UInt16, _ index: Int) -> Bool
    ) -> Bool {
        var index = 0
        while let escape = nextBackslash(json, from: index), escape + 1 < json.count {
            index = escape
            guard json[index + 1] == UInt8(ascii: "u") else {
                index += 2
                continue
            }
            guard let unit = codeUnit(json, at: index) else { return true }
            if UTF16.isLeadSurrogate(unit), let trail = codeUnit(json, at: index + 6),
                UTF16.isTrailSurrogate(trail)
            {
                index += 12
                continue
            }
            if refused(unit, index) { return false }
            index += 6
        }
        return true
    }

    private static func nextBackslash(_ json: Span<UInt8>, from start: Int) -> Int? {
        guard start < json.count else { return nil }
        return json.withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            guard let base = rest.baseAddress,
                let found = memchr(base, Int32(backslash), rest.count)
            else { return nil }
            return start + (UnsafeRawPointer(found) - base)
        }
    }

    /// The value of the escape `\uXXXX` at `index`, nil when there is none.
    private static func codeUnit(_ json: Span<UInt8>, at index: Int) -> UInt16? {
        guard index + 6 <= json.count, json[index] == backslash,
            json[index + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt16 = 0
        for place in index + 2..<index + 6 {
            guard let value = hexValue(of: json[place]) else { return nil }
            unit = unit << 4 | value
        }
        return unit
    }

    private static func hexValue(of digit: UInt8) -> UInt16? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(digit - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(digit - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func isSurrogate(_ unit: UInt16) -> Bool {
        (0xD800...0xDFFF).contains(unit)
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == quote || byte == backslash
    }

    private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(backslash)
        switch byte {
        case quote, backslash: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(hexadecimal[Int(byte >> 4)])
            bytes.append(hexadecimal[Int(byte & 0xF)])
        }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let replacement = Array(#"\ufffd"#.utf8)
    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
