import Basics
import Crypto
import JSON
import RoomContract

/// Whom a token speaks for. One per loop: its verifier holds working state.
final class TokenGate {
    private let verifier: TokenVerifier
    /// Genuine tokens seen lately; a rejoining client sends the same token with every topic.
    private var seen: [Fingerprint: Genuine] = [:]

    /// The first half of a token's SHA-256. To pass for a token that was seen, another would have
    /// to match it in 128 bits that its sender cannot choose.
    private struct Fingerprint: Hashable {
        let high: UInt64
        let low: UInt64

        init(of token: String) {
            let digest = Digest.sha256(Array(token.utf8))
            (high, low) = digest.withUnsafeBytes {
                ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self))
            }
        }
    }

    /// What is asked of a token again and again, out of all that it claims.
    private struct Genuine {
        let person: String?
        let expires: Timestamp
        let scopes: [String]

        init(_ claims: Claims) {
            person = claims.subject
            expires = claims.expires
            scopes = claims.scopes
        }
    }

    init(keys: KeySet) {
        verifier = TokenVerifier(keys: keys, leeway: TokenGate.leeway)
    }

    /// Forgives clocks that disagree; 30 seconds is usual.
    static let leeway: Duration = .seconds(30)

    /// What a dictionary of 4,096 places takes: 200 KB, and as many people within the minute in
    /// which their clients join again. The next one empties the memory.
    static let mostSeen = 3_072

    func identity(_ token: String, at now: Timestamp) -> Result<Identity, Refusal> {
        genuine(token, at: now).map { genuine in
            Identity(
                person: genuine.person,
                expiresAt: genuine.expires.advanced(by: TokenGate.leeway))
        }
    }

    /// Whether the token is a service's, and may do this.
    func allows(_ token: String, _ scope: String, at now: Timestamp) -> Result<Void, Refusal> {
        genuine(token, at: now).flatMap { genuine in
            guard genuine.scopes.contains(scope) else {
                return .failure(
                    Refusal(.notPermitted, "this needs a service token with scope \(scope)"))
            }
            return .success(())
        }
    }

    private func genuine(_ token: String, at now: Timestamp) -> Result<Genuine, Refusal> {
        let fingerprint = Fingerprint(of: token)
        if let genuine = seen[fingerprint], now < genuine.expires { return .success(genuine) }
        do {
            let genuine = Genuine(try verifier.verify(token, at: now))
            if seen.count >= TokenGate.mostSeen { seen = [:] }
            seen[fingerprint] = genuine
            return .success(genuine)
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
