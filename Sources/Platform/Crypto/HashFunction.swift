import COpenSSL

/// One of OpenSSL's hash functions, fetched once: the implicit fetch of `EVP_sha256()` would
/// search the providers again at every use.
package struct HashFunction: Sendable {
    static let sha1 = HashFunction(named: "SHA1")
    package static let sha256 = HashFunction(named: "SHA256")
    package static let sha384 = HashFunction(named: "SHA384")
    package static let sha512 = HashFunction(named: "SHA512")

    let name: String

    /// Bytes of a digest.
    package let length: Int

    /// Owned by this process until it ends. An `EVP_MD` is immutable once fetched, which is
    /// what makes it safe on every thread.
    nonisolated(unsafe) let algorithm: OpaquePointer

    private init(named name: String) {
        guard let algorithm = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("OpenSSL has no \(name)")
        }
        self.name = name
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
