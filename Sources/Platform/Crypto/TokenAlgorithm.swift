/// The signature algorithms we accept (RFC 7518 §3.1, RFC 8037 §3.1), by their names in a header.
enum TokenAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"
}
