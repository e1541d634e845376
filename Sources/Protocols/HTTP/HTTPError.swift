/// What is wrong with the bytes a peer sent, each with the status that says so.
///
/// After one of these the message boundaries are no longer known: answer ``status``, close.
package enum HTTPError: String, Error, CaseIterable, Sendable {
    case malformedRequestLine
    case unknownMethod
    case unsupportedVersion
    case targetTooLong
    case invalidTarget
    case headersTooLarge
    case tooManyHeaders
    case bareLineFeed
    case foldedHeader
    case invalidHeader
    case missingHost
    case duplicateHost
    case invalidHost
    case invalidContentLength
    case conflictingLength
    case unsupportedTransferCoding
    case unknownExpectation
    case bodyTooLarge
    case malformedBody
    case tooManyPendingBytes

    /// The status to answer with (RFC 9110 §15).
    package var status: Status {
        switch self {
        case .unknownMethod, .unsupportedTransferCoding: .notImplemented
        case .unsupportedVersion: .versionNotSupported
        case .targetTooLong: .targetTooLong
        case .headersTooLarge, .tooManyHeaders: .headersTooLarge
        case .unknownExpectation: .expectationFailed
        case .bodyTooLarge, .tooManyPendingBytes: .contentTooLarge
        case .malformedRequestLine, .invalidTarget, .bareLineFeed, .foldedHeader,
            .invalidHeader, .missingHost, .duplicateHost, .invalidHost, .invalidContentLength,
            .conflictingLength, .malformedBody:
            .badRequest
        }
    }
}
