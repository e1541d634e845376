/// The masking of client frames (RFC 6455 §5.3): each byte is XORed with one of the key's four.
///
/// Cost: a word at a time; 1 KiB takes about as long as copying it.
struct Mask: Sendable {
    /// The key's bytes as they stand in the frame, the first in the lowest bits.
    private let key: UInt32

    init(key: UInt32) {
        self.key = key
    }

    /// The bytes of a payload, or of its first piece, without the mask: one copy.
    static func unmasked(_ payload: RawSpan, key: UInt32?) -> [UInt8] {
        payload.withUnsafeBytes { source in
            guard let key else { return Array(source) }
            return [UInt8](unsafeUninitializedCapacity: source.count) { target, count in
                let target = UnsafeMutableRawBufferPointer(target)
                Mask(key: key).copy(source, into: target, position: 0)
                count = source.count
            }
        }
    }

    /// Appends a piece of a payload, masked or unmasked with `key` if there is one.
    static func append(_ piece: RawSpan, key: UInt32?, position: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
        guard let key else { return }
        bytes.withUnsafeMutableBytes { all in
            let target = UnsafeMutableRawBufferPointer(rebasing: all[start...])
            Mask(key: key).copy(UnsafeRawBufferPointer(target), into: target, position: position)
        }
    }

    /// Copies `source` masked (or unmasked: it is the same) into `target`, which is as large and
    /// may be the same memory.
    ///
    /// `position` is the index of the first byte in the frame's payload, for payloads in pieces.
    func copy(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer,
        position: Int
    ) {
        let turn = UInt32(position & 3) * 8
        let turned = key >> turn | key << ((32 - turn) & 31)
        let word = UInt64(turned) << 32 | UInt64(turned)
        var index = 0
        while index + 8 <= source.count {
            let masked =
                UInt64(littleEndian: source.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                ^ word
            target.storeBytes(of: masked.littleEndian, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < source.count {
            let shift = UInt32(index & 3) * 8
            target[index] = source[index] ^ UInt8(truncatingIfNeeded: turned >> shift)
            index += 1
        }
    }
}
