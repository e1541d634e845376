/// Frames as bytes (RFC 6455 §5, §6.1).
///
/// A server passes no mask key. A client passes a fresh random one for every frame (§5.3), so that
/// no script can choose the bytes on the wire.
package enum FrameEncoder {
    /// Appends one frame. A control frame must be final and of at most 125 bytes.
    ///
    /// - Parameters:
    ///   - isFinal: false for all but the last fragment of a message.
    ///   - isCompressed: the message was deflated; only on its first frame (RFC 7692 §6).
    package static func append(
        _ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, isCompressed: Bool = false,
        maskKey: UInt32? = nil, to bytes: inout [UInt8]
    ) {
        precondition(
            !opcode.isControl || isFinal && payload.count <= FrameHeader.maximumControlBytes,
            "a control frame is final and at most 125 bytes")
        if bytes.isEmpty {
            // Only then: reserving for every frame would defeat the array's doubling.
            bytes.reserveCapacity(FrameHeader.maximumBytes + payload.count)
        }
        let header = FrameHeader(
            isFinal: isFinal, isCompressed: isCompressed, opcode: opcode,
            payloadBytes: payload.count, maskKey: maskKey, headerBytes: 0)
        header.append(to: &bytes)
        Mask.append(payload.span.bytes, key: maskKey, position: 0, to: &bytes)
    }

    /// A whole message in one frame, as a server sends it.
    package static func message(_ kind: MessageKind, _ payload: [UInt8]) -> [UInt8] {
        frame(kind.opcode, payload)
    }

    /// The same message deflated, or nil when it is better sent as it is.
    ///
    /// The bytes serve every connection whose `Compression` takes messages of that size.
    package static func compressedMessage(
        _ kind: MessageKind, _ payload: [UInt8], _ deflater: Deflater
    ) -> [UInt8]? {
        guard let compressed = deflater.compressIfWorthwhile(payload) else { return nil }
        return frame(kind.opcode, compressed, isCompressed: true)
    }

    /// Without a code the payload is empty. A reason beyond 123 bytes is cut.
    package static func close(
        _ code: CloseCode?, reason: String = "", maskKey: UInt32? = nil
    ) -> [UInt8] {
        frame(.close, CloseFrame.payload(code, reason: reason), maskKey: maskKey)
    }

    /// `payload` is at most 125 bytes.
    package static func ping(_ payload: [UInt8] = [], maskKey: UInt32? = nil) -> [UInt8] {
        frame(.ping, payload, maskKey: maskKey)
    }

    /// `payload` is that of the ping it answers (§5.5.3).
    package static func pong(_ payload: [UInt8], maskKey: UInt32? = nil) -> [UInt8] {
        frame(.pong, payload, maskKey: maskKey)
    }

    private static func frame(
        _ opcode: Opcode, _ payload: [UInt8], isCompressed: Bool = false, maskKey: UInt32? = nil
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        append(opcode, payload, isCompressed: isCompressed, maskKey: maskKey, to: &bytes)
        return bytes
    }
}
