/// The payload of a close frame (RFC 6455 §5.5.1): nothing, or a code and perhaps a reason.
package enum CloseFrame {
    /// A control frame's 125 bytes less two for the code.
    package static let maximumReasonBytes = FrameHeader.maximumControlBytes - 2

    static func parse(
        _ payload: [UInt8]
    ) throws(ProtocolError) -> (code: CloseCode?, reason: String) {
        guard !payload.isEmpty else { return (nil, "") }
        guard payload.count >= 2 else { throw .truncatedCloseCode }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.mayBeSent else { throw .invalidCloseCode }
        let reason = Array(payload[2...])
        guard UTF8Validator.isValid(reason) else { throw .invalidCloseReason }
        return (code, String(decoding: reason, as: UTF8.self))
    }

    /// A longer reason is cut behind its last whole character that fits.
    static func payload(_ code: CloseCode?, reason: String) -> [UInt8] {
        guard let code else { return [] }
        precondition(code.mayBeSent, "close code \(code.rawValue) must not be sent")
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        for scalar in reason.unicodeScalars {
            let bytes = UTF8.encode(scalar)!
            guard payload.count + bytes.count <= FrameHeader.maximumControlBytes else { break }
            payload.append(contentsOf: bytes)
        }
        return payload
    }
}
