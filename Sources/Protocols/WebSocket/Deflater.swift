import CZlib

/// Deflates whole messages (RFC 7692 §7.2.1), one after the other, without context takeover.
///
/// Because nothing of one message helps the next, the bytes of a broadcast are the same for every
/// receiver: compressed once, shared by all. One per loop. Confined to its loop.
package final class Deflater {
    /// Below this a message is sent as it is.
    ///
    /// Measured on chat messages in JSON, one core: 128 bytes shrink by a tenth, 256 by a quarter,
    /// 1,024 by three fifths, for 4, 5 and 8 µs. Below 256 the few bytes saved are not worth it.
    package static let minimumBytes = 256

    private let stream: UnsafeMutablePointer<z_stream>
    private var isReady = false

    /// Takes no memory of zlib's before the first message.
    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if isReady { deflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// The payload to send with RSV1 set, or nil when `message` is better sent as it is.
    package func compressIfWorthwhile(_ message: [UInt8]) -> [UInt8]? {
        guard message.count >= Deflater.minimumBytes else { return nil }
        let compressed = compress(message)
        return compressed.count < message.count ? compressed : nil
    }

    /// The payload to send with RSV1 set, whatever its size.
    package func compress(_ message: [UInt8]) -> [UInt8] {
        prepare()
        let bound = Int(deflateBound(stream, UInt(message.count))) + Deflater.flushBytes
        return [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            count = message.withUnsafeBytes { source in
                // zlib only reads from next_in; its type lacks the const.
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: source.bindMemory(to: UInt8.self).baseAddress)
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(target.count)
                let result = deflate(stream, Z_SYNC_FLUSH)
                precondition(
                    result == Z_OK && stream.pointee.avail_out > 0, "deflate failed: \(result)")
                // A sync flush ends with an empty stored block, 00 00 FF FF, which is not sent.
                return target.count - Int(stream.pointee.avail_out) - 4
            }
        }
    }

    /// A sync flush takes up to 5 bytes more than zlib's bound for a finished stream, and zlib
    /// says it is done only when it leaves room.
    private static let flushBytes = 16

    private func prepare() {
        guard isReady else {
            // Level 1: 4 KiB of chat in JSON become 1,118 bytes, with level 6 934 in nearly twice
            // the time; 1 KiB becomes 383 or 367.
            // Window 15: see `Compression.takes`. Memory 8: zlib's default, once per loop.
            let result = deflateInit2_(
                stream, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                CInt(MemoryLayout<z_stream>.size))
            precondition(result == Z_OK, "deflateInit2 failed: \(result)")
            isReady = true
            return
        }
        deflateReset(stream)
    }
}
