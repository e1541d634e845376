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
