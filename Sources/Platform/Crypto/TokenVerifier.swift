package import Basics
import JSON

/// Decides whether an access token is genuine and current (RFC 7519, with RFC 8725's advice).
///
/// The key decides the algorithm, never the token: a header can only choose among what a key
/// of ours is for, so `none`, a public key taken for a secret, and a weaker hash are refused
/// before anything is computed (RFC 8725 §3.1). Claims are read after the signature was found
/// valid. One per loop: it holds working state.
///
/// Cost: one hash of the token for a secret, tens of microseconds for a public key, and the
/// parsing of two small JSON objects.
package final class TokenVerifier {
    /// How many keys are tried for a token that names none. Providers rotate between two or
    /// three; the bound keeps forged tokens from costing a whole set's arithmetic each.
    package static let mostKeysTried = 8

    /// What a person's id may have: as in the directory, and for the sender of a message.
    package static let mostSubjectBytes = 255

    private struct Check {
        enum Engine {
            case secret(HMAC)
            case publicKey(SignatureChecker)
        }

        let algorithm: TokenAlgorithm
        let keyID: String?
        let engine: Engine
    }

    private var checks: [Check]
    private let leeway: Duration
    private let issuer: String?
    private let audience: String?
    private let parser = JSONParser(maximumBytes: CompactToken.mostBytes)

    /// `leeway` forgives clocks that disagree; 30 seconds is usual. `issuer` and `audience`,
    /// where given, must stand in the token (RFC 8725 §3.8, §3.9).
    package init(
        keys: KeySet, leeway: Duration, issuer: String? = nil, audience: String? = nil
    ) {
        checks = TokenVerifier.checks(keys)
        self.leeway = max(leeway, .zero)
        self.issuer = issuer
        self.audience = audience
    }

    /// Uses other keys from now on, after a rotation.
    package func use(_ keys: KeySet) {
        checks = TokenVerifier.checks(keys)
    }

    /// The claims of a genuine token that is valid at `now`, or the first thing wrong with it.
    package func verify(_ token: String, at now: Timestamp) throws(TokenError) -> Claims {
        let claims = try authenticClaims(token)
        guard let exp = try date("exp", claims) else { throw .missingClaim("exp") }
        // RFC 7519 §4.1.4: not accepted *on* or after the time.
        if now >= exp.advanced(by: leeway) { throw .expired(at: exp) }
        for name in ["nbf", "iat"] {
            if let date = try date(name, claims), now.advanced(by: leeway) < date {
                throw .notYetValid
            }
        }
        if let issuer, claims["iss"]?.string != issuer {
            throw claims["iss"] == nil ? .missingClaim("iss") : .refusedClaim("iss")
        }
        if let audience { try requireAudience(audience, claims) }
        // A subject that cannot be read must not make an anonymous key of somebody's token.
        if let subject = claims["sub"], !TokenVerifier.isUsable(subject) {
            throw .refusedClaim("sub")
        }
        return Claims(all: claims, expires: exp)
    }

    /// PostgreSQL's text holds no U+0000: a question about such a person would fail, and with it
    /// all that were asked along with it.
    private static func isUsable(_ subject: JSONValue) -> Bool {
        guard let text = subject.string else { return false }
        return (1...mostSubjectBytes).contains(text.utf8.count) && !text.utf8.contains(0)
    }

    /// The payload of a token that a key of ours has signed, whatever it says.
    private func authenticClaims(_ token: String) throws(TokenError) -> JSONObject {
        let token = try CompactToken(token, parser: parser)
        guard isSigned(token) else { throw refusal(token) }
        return try token.claims(parser)
    }

    /// Whether one of our keys, within the bound, has signed the token.
    func isSigned(_ token: CompactToken) -> Bool {
        var tried = 0
        for check in checks where accepts(check, token.header) {
            let isValid =
                switch check.engine {
                case .secret(let hmac): hmac.isValid(token.signature, for: token.signed)
                case .publicKey(let checker): checker.isValid(token.signature, for: token.signed)
                }
            if isValid { return true }
            tried += 1
            if tried == TokenVerifier.mostKeysTried { return false }
        }
        return false
    }

    private func accepts(_ check: Check, _ header: TokenHeader) -> Bool {
        check.algorithm == header.algorithm
            && (header.keyID == nil || check.keyID == nil || check.keyID == header.keyID)
    }

    private func refusal(_ token: CompactToken) -> TokenError {
        if checks.contains(where: { accepts($0, token.header) }) { return .badSignature }
        let isKnown = checks.contains { $0.algorithm == token.header.algorithm }
        return isKnown ? .unknownKey : .unsupportedAlgorithm
    }

    /// A NumericDate (RFC 7519 §2), fractions allowed, cut to the years 1 to 9999.
    private func date(_ name: String, _ claims: JSONObject) throws(TokenError) -> Timestamp? {
        guard let value = claims[name] else { return nil }
        guard let seconds = value.number, seconds.isFinite else { throw .missingClaim(name) }
        let cut = min(max(seconds, -62_135_596_800), 253_402_300_799)
        return Timestamp(microseconds: Int64((cut * 1_000_000).rounded()))
    }

    /// RFC 7519 §4.1.3: one audience as text, or several in an array.
    private func requireAudience(_ audience: String, _ claims: JSONObject) throws(TokenError) {
        guard let value = claims["aud"] else { throw .missingClaim("aud") }
        let isMeant = value.string == audience || value.array?.contains(.string(audience)) == true
        if !isMeant { throw .refusedClaim("aud") }
    }

    private static func checks(_ keys: KeySet) -> [Check] {
        keys.keys.flatMap { key -> [Check] in
            switch key.material {
            case .publicKey(let publicKey):
                let checker = SignatureChecker(publicKey)
                return [
                    Check(
                        algorithm: publicKey.algorithm, keyID: key.id, engine: .publicKey(checker))
                ]
            case .secret(let secret):
                let hashes: [(TokenAlgorithm, HashFunction)] = [
                    (.hs256, .sha256), (.hs384, .sha384), (.hs512, .sha512),
                ]
                // RFC 7518 §3.2: the key is at least as long as the hash.
                return hashes.filter { secret.count >= $0.1.length }.map { algorithm, hash in
                    Check(
                        algorithm: algorithm, keyID: key.id,
                        engine: .secret(HMAC(hash, key: secret)))
                }
            }
        }
    }
}
