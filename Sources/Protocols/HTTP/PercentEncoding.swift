/// Percent-encoding (RFC 3986 §2.1).
package enum PercentEncoding {
    /// Nil when an escape is not two hexadecimal digits, or the result is not UTF-8.
    package static func decode(
        _ encoded: some Collection<UInt8>, plusIsSpace: Bool = false
    ) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var iterator = encoded.makeIterator()
        while let byte = iterator.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next()?.hexValue, let low = iterator.next()?.hexValue
                else { return nil }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
