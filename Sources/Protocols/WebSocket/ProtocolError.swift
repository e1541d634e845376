/// How a peer can break RFC 6455 or RFC 7692, each with the code to close with.
///
/// After one of these nothing of the peer's bytes can be trusted: send the close, end the
/// connection (_Fail the WebSocket Connection_, RFC 6455 §7.1.7).
package enum ProtocolError: String, Error, CaseIterable, Sendable {
    /// RSV bits without a negotiated meaning (§5.2), or RSV1 elsewhere than on the first frame of
    /// a data message (RFC 7692 §6).
    case reservedBits
    case reservedOpcode
    /// A client must mask (§5.1).
    case unmaskedFrame
    /// A server must not mask (§5.1).
    case maskedFrame
    case fragmentedControlFrame
    case controlFrameTooLong
    /// The length is written in more bytes than needed, or its top bit is set (§5.2).
    case invalidLength
    case unexpectedContinuation
    case expectedContinuation
    case invalidCloseCode
    /// A close payload of one byte (§5.5.1).
    case truncatedCloseCode
    case invalidText
    case invalidCloseReason
    case invalidCompression
    case messageTooBig

    /// The code to close with (§7.4.1).
    package var closeCode: CloseCode {
        switch self {
        case .reservedBits, .reservedOpcode, .unmaskedFrame, .maskedFrame,
            .fragmentedControlFrame, .controlFrameTooLong, .invalidLength,
            .unexpectedContinuation, .expectedContinuation, .invalidCloseCode,
            .truncatedCloseCode:
            .protocolError
        case .invalidText, .invalidCloseReason, .invalidCompression: .invalidData
        case .messageTooBig: .messageTooBig
        }
    }
}
