package import Basics

/// Why an access token is refused. Always the peer's fault; the texts are stable.
package enum TokenError: Error, Equatable, Sendable {
    /// Not a signed compact token with JSON inside (RFC 7515 §3.1), or beyond the size limit.
    case malformed
    /// Its time is over; a new one may do.
    case expired(at: Timestamp)
    /// It begins later, or was issued in the future: somebody's clock is wrong.
    case notYetValid
    /// Signed by somebody else, or changed since.
    case badSignature
    /// It names a key that we do not have; after a rotation that may change.
    case unknownKey
    /// No key of ours works with its algorithm; `none` never does.
    case unsupportedAlgorithm
    /// It asks for an extension by `crit` (RFC 7515 §4.1.11); we know none.
    case unsupportedExtension
    /// A claim that is needed is absent or of the wrong kind.
    case missingClaim(String)
    /// A claim says that the token is meant for somebody else.
    case refusedClaim(String)

    /// For people: what is wrong. Harmless to send to the peer.
    package var text: String {
        switch self {
        case .malformed: "the token is malformed"
        case .expired(let time): "the token expired at \(time.rfc3339)"
        case .notYetValid: "the token is not valid yet"
        case .badSignature: "the token's signature is wrong"
        case .unknownKey: "the token names an unknown key"
        case .unsupportedAlgorithm: "the token's algorithm is not accepted"
        case .unsupportedExtension: "the token asks for an unknown extension"
        case .missingClaim(let name): "the token lacks a usable claim \(name)"
        case .refusedClaim(let name): "the token's claim \(name) is not accepted here"
        }
    }
}
