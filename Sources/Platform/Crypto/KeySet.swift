/// The keys that tokens may be signed with: shared secrets, public keys, or both.
///
/// A value: hand it to every loop's ``TokenVerifier``, and a new one after a rotation.
package struct KeySet: Sendable {
    struct Key: Sendable {
        enum Material: Sendable {
            case secret([UInt8])
            case publicKey(PublicKey)
        }

        /// The key's `kid`; nil matches whatever a token names.
        let id: String?
        let material: Material
    }

    private(set) var keys: [Key] = []

    /// Keys of a JWKS that were left out because they are for something else. Say so at the
    /// start: it is how a misconfigured set is noticed.
    package internal(set) var skipped = 0

    package init() {}

    /// One shared secret, for HS256, and for HS384 and HS512 when it is long enough.
    package init(secret: [UInt8], id: String? = nil) throws(KeySetError) {
        try add(secret: secret, id: id)
    }

    /// The fewest bytes of a secret: those of HS256's hash (RFC 7518 §3.2). A shorter one could
    /// be guessed from a single token, offline.
    package static let leastSecretBytes = 32

    /// Adds another shared secret, as a rotation needs for a while.
    package mutating func add(secret: [UInt8], id: String? = nil) throws(KeySetError) {
        guard secret.count >= KeySet.leastSecretBytes else {
            throw .weakSecret(bytes: secret.count)
        }
        keys.append(Key(id: id, material: .secret(secret)))
    }

    /// Adds the keys of another set.
    package mutating func add(_ other: KeySet) {
        keys += other.keys
        skipped += other.skipped
    }

    mutating func add(_ publicKey: PublicKey, id: String?) {
        keys.append(Key(id: id, material: .publicKey(publicKey)))
    }

    package var count: Int { keys.count }
}

/// What is wrong with keys that somebody configured.
package enum KeySetError: Error, Equatable, Sendable {
    /// Fewer than ``KeySet/leastSecretBytes``.
    case weakSecret(bytes: Int)
    /// Not a JSON object with an array `keys`.
    case notAKeySet(reason: String)
    /// More than ``KeySet/mostKeys``.
    case tooManyKeys
    /// The key at `index`, counted from zero, is broken.
    case badKey(index: Int, reason: String)

    package var text: String {
        switch self {
        case .weakSecret(let bytes):
            "expected a secret of at least \(KeySet.leastSecretBytes) bytes, found \(bytes)"
        case .notAKeySet(let reason): "not a JWK set: \(reason)"
        case .tooManyKeys: "a JWK set may hold at most \(KeySet.mostKeys) keys"
        case .badKey(let index, let reason): "key \(index) of the JWK set: \(reason)"
        }
    }
}
