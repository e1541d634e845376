import COpenSSL

/// A public key that can check signatures of exactly one algorithm.
///
/// `@unchecked Sendable`: an `EVP_PKEY` is not changed after its making, and OpenSSL counts its
/// references atomically.
final class PublicKey: @unchecked Sendable {
    let algorithm: TokenAlgorithm
    /// Owned: freed in `deinit`.
    let key: OpaquePointer

    /// Nil when OpenSSL made no key, whose reasons are then dropped from the thread's queue.
    private init?(_ algorithm: TokenAlgorithm, _ key: OpaquePointer?) {
        guard let key else {
            ERR_clear_error()
            return nil
        }
        self.algorithm = algorithm
        self.key = key
    }

    deinit {
        EVP_PKEY_free(key)
    }

    /// An RSA key from its modulus and exponent, both big-endian; nil when they are no key.
    static func rsa(modulus: [UInt8], exponent: [UInt8]) -> PublicKey? {
        PublicKey(
            .rs256,
            rsa_public_key(
                modulus, Int32(clamping: modulus.count), exponent, Int32(clamping: exponent.count)))
    }

    /// A P-256 key from its coordinates; nil when the point is not on the curve.
    static func p256(x: [UInt8], y: [UInt8]) -> PublicKey? {
        // 4 marks the uncompressed form (SEC 1 §2.3.3).
        let point = [4] + x + y
        return PublicKey(.es256, p256_public_key(point, point.count))
    }

    /// An Ed25519 key from its 32 bytes; nil for another length.
    static func ed25519(_ bytes: [UInt8]) -> PublicKey? {
        PublicKey(.edDSA, EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count))
    }
}
