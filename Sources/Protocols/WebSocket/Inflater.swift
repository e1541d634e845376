import CZlib

/// Inflates whole messages (RFC 7692 §7.2.2), one after the other, without context takeover.
///
/// One per loop serves all its connections: nothing of a message stays behind. Its window (about
/// 40 KiB) and buffer come with the first message. With `Deflater` the only place that touches
/// zlib. Confined to its loop.
package final class Inflater {
    /// What is inflated between two looks at the limit: small enough that a bomb costs nothing,
    /// large enough that ordinary messages take one turn.
    private static let chunkBytes = 16 * 1024

    /// The empty block a sender takes away from the end (§7.2.1) and the receiver puts back.
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    /// On the heap, because zlib keeps a pointer to it.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isReady = false
    private var chunk: [UInt8] = []

    /// Takes no memory of zlib's before the first message.
    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if isReady { inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// The message, of at most `limit` bytes. Memory in use stays below the limit and one chunk.
    package func inflate(
        _ compressed: [UInt8], limit: Int
    ) throws(ProtocolError) -> [UInt8] {
        // §7.2.3.6 spends one byte on an empty message; some senders forget it.
        guard !compressed.isEmpty else { return [] }
        prepare()
        var message: [UInt8] = []
        let endedWithFinalBlock = try run(compressed, into: &message, limit: limit)
        // A stream that ended exactly with the data has no place for the tail.
        if endedWithFinalBlock { return message }
        if try run(Inflater.tail, into: &message, limit: limit) { return message }
        // Bit 7: between two blocks. Low bits: bits of the last byte not used (zlib.h, data_type).
        guard stream.pointee.data_type & 128 != 0, stream.pointee.data_type & 7 == 0
        else { throw .invalidCompression }
        return message
    }

    private func prepare() {
        guard isReady else {
            // 15: the largest window, which inflates what any smaller one deflated. Negative: raw.
            let result = inflateInit2_(
                stream, -15, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
            precondition(result == Z_OK, "inflateInit2 failed: \(result)")
            chunk = [UInt8](repeating: 0, count: Inflater.chunkBytes)
            isReady = true
            return
        }
        inflateReset(stream)
    }

    /// Returns whether `input` ended exactly with a final block (BFINAL, §7.2.3.4).
    private func run(
        _ input: [UInt8], into message: inout [UInt8], limit: Int
    ) throws(ProtocolError) -> Bool {
        let outcome = input.withUnsafeBytes { source in
            chunk.withUnsafeMutableBytes { target in
                Result { () throws(ProtocolError) in
                    try run(source, target, into: &message, limit: limit)
                }
            }
        }
        return try outcome.get()
    }

    private func run(
        _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer,
        into message: inout [UInt8], limit: Int
    ) throws(ProtocolError) -> Bool {
        // zlib only reads from next_in; its type lacks the const.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: source.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(source.count)
        while true {
            stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(target.count)
            let result = CZlib.inflate(stream, Z_SYNC_FLUSH)
            guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
                throw .invalidCompression
            }
            let produced = target.count - Int(stream.pointee.avail_out)
            guard produced <= limit - message.count else { throw .messageTooBig }
            message.append(contentsOf: target[..<produced])
            if result == Z_STREAM_END {
                if stream.pointee.avail_in == 0 { return true }
                // What follows a final block continues with the same window.
                inflateResetKeep(stream)
            } else if stream.pointee.avail_out > 0 {
                // zlib had room left and stopped: it has read everything.
                return false
            }
        }
    }
}
