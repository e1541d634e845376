import COpenSSL

/// Random bytes that nobody can guess, for keys, nonces and identifiers. From any thread.
package enum SecureRandom {
    /// `count` random bytes. A system without randomness cannot keep any promise, so that
    /// ends the process.
    package static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max), "asked for \(count) random bytes")
        return [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            let done = RAND_bytes(output.baseAddress, Int32(count))
            precondition(done == 1, "RAND_bytes failed")
            initialized = count
        }
    }

    /// A random UUID in its usual text form (RFC 9562 §5.4), such as
    /// `f47ac10b-58cc-4372-a567-0e02b2c3d479`.
    package static func uuid4() -> String {
        var bytes = bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(hexDigits[Int(byte >> 4)])
            text.append(hexDigits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
