import COpenSSL

/// Checks signatures with one public key. One per loop: it holds OpenSSL's working state.
///
/// Cost: the arithmetic, tens of microseconds; the search for algorithms, which OpenSSL 3 does
/// at every `EVP_DigestVerifyInit`, happens once here and is copied for each use.
final class SignatureChecker {
    private let publicKey: PublicKey
    /// Both owned and freed in `deinit`; `prepared` refers to the key, which `publicKey` keeps.
    private let prepared: OpaquePointer
    private let working: OpaquePointer

    init(_ publicKey: PublicKey) {
        self.publicKey = publicKey
        guard let prepared = EVP_MD_CTX_new(), let working = EVP_MD_CTX_new() else {
            preconditionFailure("no memory for a signature")
        }
        self.prepared = prepared
        self.working = working
        let done = EVP_DigestVerifyInit_ex(
            prepared, nil, publicKey.algorithm == .edDSA ? nil : "SHA256", nil, nil,
            publicKey.key, nil)
        precondition(done == 1, "EVP_DigestVerifyInit_ex failed")
    }

    deinit {
        EVP_MD_CTX_free(prepared)
        EVP_MD_CTX_free(working)
    }

    /// Whether `signature`, in the form RFC 7518 gives it, is the key's for `bytes`.
    func isValid(_ signature: [UInt8], for bytes: ArraySlice<UInt8>) -> Bool {
        var signature = signature
        if publicKey.algorithm == .es256 {
            guard let encoded = ECDSASignature.der(fromRaw: signature) else { return false }
            signature = encoded
        }
        precondition(EVP_MD_CTX_copy_ex(working, prepared) == 1, "EVP_MD_CTX_copy_ex failed")
        let status = bytes.withUnsafeBytes {
            EVP_DigestVerify(
                working, signature, signature.count,
                $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)
        }
        // What is left in the thread's error queue would be taken for a later call's error.
        if status != 1 { ERR_clear_error() }
        return status == 1
    }
}

/// The two forms of a P-256 signature.
enum ECDSASignature {
    /// Bytes of each of its two numbers.
    private static let numberBytes = 32

    /// From `r || s` (RFC 7518 §3.4) to the ASN.1 that OpenSSL reads (RFC 3279 §2.2.3); nil
    /// unless there are exactly 64 bytes.
    static func der(fromRaw raw: [UInt8]) -> [UInt8]? {
        guard raw.count == 2 * numberBytes else { return nil }
        let body = integer(raw.prefix(numberBytes)) + integer(raw.suffix(numberBytes))
        // At most 2 × 35 bytes, so the short form of a length always does.
        return [0x30, UInt8(body.count)] + body
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        // ASN.1 integers are signed; and zero is one zero byte.
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return [0x02, UInt8(digits.count)] + digits
    }
}
