import Basics
import Crypto
import JSON
import RoomContract

/// Whom a token speaks for. One per loop: its verifier holds working state.
final class TokenGate {
    private let verifier: TokenVerifier
    /// Genuine tokens seen lately; a rejoining client sends the same token with every topic.
    private var seen: [String: Claims] = [:]

    init(keys: KeySet) {
        verifier = TokenVerifier(keys: keys, leeway: TokenGate.leeway)
    }

    /// Forgives clocks that disagree; 30 seconds is usual.
    static let leeway: Duration = .seconds(30)

    /// Some 4 MB of tokens at the usual half kilobyte; the next one empties the memory.
    static let mostSeen = 4_096

    func identity(_ token: String, at now: Timestamp) -> Result<Identity, Refusal> {
        claims(token, at: now).map { claims in
            Identity(
                person: claims.subject,
                expiresAt: claims.expires.advanced(by: TokenGate.leeway))
        }
    }

    /// Whether the token is a service's, and may do this.
    func allows(_ token: String, _ scope: String, at now: Timestamp) -> Result<Void, Refusal> {
        claims(token, at: now).flatMap { claims in
            guard claims.scopes.contains(scope) else {
                return .failure(
                    Refusal(.notPermitted, "this needs a service token with scope \(scope)"))
            }
            return .success(())
        }
    }

    private func claims(_ token: String, at now: Timestamp) -> Result<Claims, Refusal> {
        if let claims = seen[token], now < claims.expires { return .success(claims) }
        do {
            let claims = try verifier.verify(token, at: now)
            if seen.count >= TokenGate.mostSeen { seen = [:] }
            seen[token] = claims
            return .success(claims)
        } catch {
            return .failure(TokenGate.refusal(for: error))
        }
    }

    private static func refusal(for error: TokenError) -> Refusal {
        switch error {
        case .expired: Refusal(.tokenExpired, error.text)
        case .malformed, .notYetValid, .badSignature, .unknownKey, .unsupportedAlgorithm,
            .unsupportedExtension, .missingClaim, .refusedClaim:
            Refusal(.tokenInvalid, error.text)
        }
    }
}
