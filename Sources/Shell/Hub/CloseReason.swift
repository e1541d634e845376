/// Why the server ends a connection. `Protocol/closes.json` is the published list; a test holds
/// the two to each other.
///
/// Codes below 4000 are RFC 6455's (§7.4.1). Never 1000: phoenix.js would not come back.
package enum CloseReason: UInt16, Sendable, CaseIterable {
    case goingAway = 1001
    case protocolError = 1002
    case unsupportedData = 1003
    case invalidData = 1007
    case tooBig = 1009
    case internalError = 1011
    case serviceRestart = 1012
    case slowReader = 4000
    case tokenExpired = 4001
    case silent = 4002
    case flood = 4003

    /// The stable name, also the reason text of the close frame.
    package var name: String {
        switch self {
        case .goingAway: "going_away"
        case .protocolError: "protocol_error"
        case .unsupportedData: "unsupported_data"
        case .invalidData: "invalid_data"
        case .tooBig: "too_big"
        case .internalError: "internal_error"
        case .serviceRestart: "service_restart"
        case .slowReader: "slow_reader"
        case .tokenExpired: "token_expired"
        case .silent: "silent"
        case .flood: "flood"
        }
    }
}
