import COpenSSL

/// The hash functions of the SHA family, over whole byte arrays.
///
/// SHA-1 stands here for the handshake of RFC 6455 only, which does not rest on its strength.
package enum Digest {
    /// 20 bytes.
    package static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        HashFunction.sha1.hash(bytes)
    }

    /// 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        HashFunction.sha256.hash(bytes)
    }

    /// 48 bytes.
    package static func sha384(_ bytes: [UInt8]) -> [UInt8] {
        HashFunction.sha384.hash(bytes)
    }

    /// 64 bytes.
    package static func sha512(_ bytes: [UInt8]) -> [UInt8] {
        HashFunction.sha512.hash(bytes)
    }
}

/// One of OpenSSL's hash functions, fetched once: the implicit fetch of `EVP_sha256()` would
/// search the providers again at every use.
struct HashFunction: Sendable {
    static let sha1 = HashFunction(named: "SHA1")
    static let sha256 = HashFunction(named: "SHA256")
    static let sha384 = HashFunction(named: "SHA384")
    static let sha512 = HashFunction(named: "SHA512")

    /// Owned by this process until it ends. An `EVP_MD` is immutable once fetched, which is
    /// what makes it safe on every thread.
    nonisolated(unsafe) let algorithm: OpaquePointer
    let length: Int

    private init(named name: String) {
        guard let algorithm = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("OpenSSL has no \(name)")
        }
        self.algorithm = algorithm
        length = Int(EVP_MD_get_size(algorithm))
    }

    func hash(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { output, count in
            let done = bytes.withUnsafeBytes {
                EVP_Digest($0.baseAddress, $0.count, output.baseAddress, nil, algorithm, nil)
            }
            // Fails only without memory, which ends a Swift process anyway.
            precondition(done == 1, "EVP_Digest failed")
            count = length
        }
    }
}
