/// The first 2 to 14 bytes of a frame (RFC 6455 §5.2), both ways.
struct FrameHeader: Equatable, Sendable {
    /// Two bytes, eight of length, four of key.
    static let maximumBytes = 14

    /// Longest payload of a control frame (§5.5).
    static let maximumControlBytes = 125

    var isFinal: Bool
    /// RSV1, which permessage-deflate gives to the first frame of a compressed message.
    var isCompressed: Bool
    var opcode: Opcode
    var payloadBytes: Int
    /// The masking key as it stands in the frame, the first byte in the lowest bits.
    var maskKey: UInt32?
    /// How many bytes the header itself takes.
    var headerBytes: Int

    /// Reads a header at `offset`; nil when bytes are missing.
    ///
    /// What is wrong is said as early as it is seen: from the first two bytes, if they show it.
    static func parse(
        _ bytes: RawSpan, at offset: Int, from sender: Role
    ) throws(ProtocolError) -> FrameHeader? {
        let available = bytes.byteCount - offset
        guard available >= 2 else { return nil }
        let first = bytes.byte(at: offset)
        let second = bytes.byte(at: offset + 1)
        guard first & 0x30 == 0 else { throw .reservedBits }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .reservedOpcode }
        let isMasked = second & 0x80 != 0
        switch sender {
        case .client: if !isMasked { throw .unmaskedFrame }
        case .server: if isMasked { throw .maskedFrame }
        }
        let short = Int(second & 0x7F)
        let isFinal = first & 0x80 != 0
        if opcode.isControl {
            guard isFinal else { throw .fragmentedControlFrame }
            guard short <= maximumControlBytes else { throw .controlFrameTooLong }
        }
        let lengthBytes = short == 127 ? 8 : short == 126 ? 2 : 0
        let headerBytes = 2 + lengthBytes + (isMasked ? 4 : 0)
        guard available >= headerBytes else { return nil }
        return FrameHeader(
            isFinal: isFinal, isCompressed: first & 0x40 != 0, opcode: opcode,
            payloadBytes: try length(short, in: bytes, at: offset + 2),
            maskKey: isMasked ? bytes.key(at: offset + 2 + lengthBytes) : nil,
            headerBytes: headerBytes)
    }

    /// The extended lengths: the shortest form is required, the top bit forbidden (§5.2).
    private static func length(
        _ short: Int, in bytes: RawSpan, at offset: Int
    ) throws(ProtocolError) -> Int {
        switch short {
        case 126:
            let length = Int(bytes.byte(at: offset)) << 8 | Int(bytes.byte(at: offset + 1))
            guard length > 125 else { throw .invalidLength }
            return length
        case 127:
            var length: UInt64 = 0
            for index in 0..<8 { length = length << 8 | UInt64(bytes.byte(at: offset + index)) }
            guard length > 0xFFFF, let length = Int(exactly: length) else { throw .invalidLength }
            return length
        default:
            return short
        }
    }

    /// Writes the header; the caller appends the payload, masked with `maskKey` if there is one.
    func append(to bytes: inout [UInt8]) {
        bytes.append((isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue)
        let mask: UInt8 = maskKey == nil ? 0 : 0x80
        if payloadBytes <= 125 {
            bytes.append(mask | UInt8(payloadBytes))
        } else if payloadBytes <= 0xFFFF {
            bytes.append(mask | 126)
            bytes.append(UInt8(payloadBytes >> 8))
            bytes.append(UInt8(payloadBytes & 0xFF))
        } else {
            bytes.append(mask | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: payloadBytes >> shift))
            }
        }
        if let maskKey {
            for shift in stride(from: UInt32(0), through: 24, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: maskKey >> shift))
            }
        }
    }
}

/// The two ends of a connection: a client masks its frames, a server does not (§5.1).
package enum Role: Sendable {
    case client, server

    var peer: Role {
        switch self {
        case .client: .server
        case .server: .client
        }
    }
}

extension RawSpan {
    /// One byte; traps beyond the end.
    fileprivate func byte(at offset: Int) -> UInt8 {
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    fileprivate func key(at offset: Int) -> UInt32 {
        UInt32(
            littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
