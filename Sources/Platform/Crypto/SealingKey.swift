import COpenSSL

/// Encrypts and authenticates small things that we hand out and want back unchanged, such as
/// session tokens: AES-256-GCM with random nonces.
///
/// One key may seal 2³² times (NIST SP 800-38D §8.3: beyond that two random nonces may meet,
/// which would reveal both texts). At a thousand sealings a second that is 49 days: give every
/// key an id and replace it well before.
package struct SealingKey: Sendable {
    /// Bytes of a key.
    package static let keyBytes = 32

    /// How much longer a sealed text is: the nonce before it and the tag behind it.
    package static let overheadBytes = nonceBytes + tagBytes

    private static let nonceBytes = 12
    private static let tagBytes = 16

    private let key: [UInt8]

    /// Nil unless `key` is exactly ``keyBytes`` long.
    package init?(_ key: [UInt8]) {
        guard key.count == SealingKey.keyBytes else { return nil }
        self.key = key
    }

    /// A fresh random key.
    package static func random() -> SealingKey {
        SealingKey(validated: SecureRandom.bytes(keyBytes))
    }

    private init(validated key: [UInt8]) {
        self.key = key
    }

    /// Seals `text`. `context` is authenticated but not included: opening needs the same.
    package func seal(_ text: [UInt8], context: [UInt8] = []) -> [UInt8] {
        let nonce = SecureRandom.bytes(SealingKey.nonceBytes)
        let cipher = CipherContext(key: key, nonce: nonce, encrypting: true)
        cipher.authenticate(context)
        return nonce + cipher.transform(text) + cipher.finishSealing(tagBytes: SealingKey.tagBytes)
    }

    /// The text of something sealed with this key and context; nil for anything else.
    package func open(_ sealed: [UInt8], context: [UInt8] = []) -> [UInt8]? {
        guard sealed.count >= SealingKey.overheadBytes else { return nil }
        let nonce = Array(sealed.prefix(SealingKey.nonceBytes))
        let tag = Array(sealed.suffix(SealingKey.tagBytes))
        let secret = Array(
            sealed.dropFirst(SealingKey.nonceBytes).dropLast(SealingKey.tagBytes))
        let cipher = CipherContext(key: key, nonce: nonce, encrypting: false)
        cipher.authenticate(context)
        let text = cipher.transform(secret)
        return cipher.finishOpening(tag: tag) ? text : nil
    }
}

/// One use of AES-256-GCM; freed with its last mention.
private final class CipherContext {
    private let context: OpaquePointer

    init(key: [UInt8], nonce: [UInt8], encrypting: Bool) {
        guard let context = EVP_CIPHER_CTX_new() else {
            preconditionFailure("no memory for a cipher")
        }
        self.context = context
        let done = EVP_CipherInit_ex2(
            context, CipherContext.algorithm, key, nonce, encrypting ? 1 : 0, nil)
        precondition(done == 1, "EVP_CipherInit_ex2 failed")
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    func authenticate(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        var length: Int32 = 0
        let done = EVP_CipherUpdate(context, nil, &length, bytes, Int32(bytes.count))
        precondition(done == 1, "EVP_CipherUpdate failed")
    }

    func transform(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
            guard !bytes.isEmpty else { return }
            var length: Int32 = 0
            let done = EVP_CipherUpdate(
                context, output.baseAddress, &length, bytes, Int32(bytes.count))
            // GCM is a stream: as many bytes come out as went in.
            precondition(done == 1 && Int(length) == bytes.count, "EVP_CipherUpdate failed")
            count = Int(length)
        }
    }

    func finishSealing(tagBytes: Int) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: tagBytes)
        var length: Int32 = 0
        let done =
            EVP_CipherFinal_ex(context, &tag, &length) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagBytes), &tag) == 1
        precondition(done, "sealing failed")
        return tag
    }

    func finishOpening(tag: [UInt8]) -> Bool {
        var tag = tag
        var unused: UInt8 = 0
        var length: Int32 = 0
        let count = Int32(tag.count)
        return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, count, &tag) == 1
            && EVP_CipherFinal_ex(context, &unused, &length) == 1
    }

    /// Fetched once and immutable, like the hash functions.
    private nonisolated(unsafe) static let algorithm: OpaquePointer = {
        guard let algorithm = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else {
            preconditionFailure("OpenSSL has no AES-256-GCM")
        }
        return algorithm
    }()
}
