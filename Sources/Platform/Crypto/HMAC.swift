import COpenSSL

/// Keyed hashing (RFC 2104) with one key, prepared once and used for many messages.
///
/// One per loop: it holds OpenSSL's working state and is confined to its thread.
package final class HMAC {
    private let hash: HashFunction
    /// Owned: made in `init`, freed in `deinit`. Holds the key.
    private let context: OpaquePointer

    /// Any key is taken, as RFC 2104 does; who needs a least strength checks it before.
    package init(_ hash: HashFunction, key: [UInt8]) {
        self.hash = hash
        guard let context = EVP_MAC_CTX_new(HMAC.algorithm) else {
            preconditionFailure("no memory for an HMAC")
        }
        self.context = context
        // OpenSSL takes NULL for "the key as before", so an empty key needs an address too.
        let storage = key.isEmpty ? [0] : key
        var name = Array(hash.name.utf8CString)
        let done = hmac_set_key(context, &name, storage, key.count)
        precondition(done == 1, "EVP_MAC_init failed")
    }

    deinit {
        EVP_MAC_CTX_free(context)
    }

    /// The tag of `bytes`, as long as the hash function's digest.
    package func authenticate(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable {
            update(UnsafeRawBufferPointer($0))
        }
        if contiguous == nil { Array(bytes).withUnsafeBytes { update($0) } }
        return [UInt8](unsafeUninitializedCapacity: hash.length) { output, count in
            let done = EVP_MAC_final(context, output.baseAddress, &count, output.count)
            precondition(done == 1, "EVP_MAC_final failed")
        }
    }

    /// Whether `tag` is the tag of `bytes`, in a time that does not tell how much of it is.
    package func isValid(_ tag: [UInt8], for bytes: some Collection<UInt8>) -> Bool {
        ConstantTime.equal(authenticate(bytes), tag)
    }

    private func update(_ bytes: UnsafeRawBufferPointer) {
        let done =
            EVP_MAC_init(context, nil, 0, nil) == 1
            && EVP_MAC_update(context, bytes.baseAddress, bytes.count) == 1
        precondition(done, "EVP_MAC_update failed")
    }

    /// Fetched once and immutable, like the hash functions.
    private nonisolated(unsafe) static let algorithm: OpaquePointer = {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else {
            preconditionFailure("OpenSSL has no HMAC")
        }
        return algorithm
    }()
}

/// Comparisons of secrets.
package enum ConstantTime {
    /// Whether the arrays are equal. The time depends on their lengths only, which are not
    /// secret.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
