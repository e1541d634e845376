import Basics
import Crypto
import Glibc

/// The key that HS256 tokens are signed and checked with. None is built in.
enum JWTSecret {
    enum Source: Hashable, Sendable {
        /// From the environment.
        case given([UInt8])

        /// A file somebody else made.
        case file(String)

        /// Ours: made at the first start, read ever after.
        case generated(path: String)
    }

    /// RFC 7518 §3.2: an HS256 key has at least the 256 bits of the hash.
    static let shortestBytes = KeySet.leastSecretBytes

    /// Longer than any key anybody makes; a file beyond it is some other file.
    static let longestBytes = 4_096

    static func load(_ source: Source) throws(Failure) -> [UInt8] {
        switch source {
        case .given(let secret):
            return secret
        case .file(let path):
            return try read(path)
        case .generated(let path):
            if !File.exists(path) { try generate(path) }
            return try read(path)
        }
    }

    /// Reads a secret that nobody but its owner may read, without the newline editors leave.
    private static func read(_ path: String) throws(Failure) -> [UInt8] {
        let file: File.Contents
        do {
            file = try File.read(path, atMost: longestBytes)
        } catch {
            throw .configuration("JWT secret \(path.quoted): \(error)")
        }
        guard file.mode & 0o077 == 0 else {
            throw .configuration(
                "JWT secret \(path.quoted): found mode 0\(String(file.mode, radix: 8)), expected "
                    + "0600: others may read or change it; mend with chmod 600")
        }
        var secret = file.bytes
        while secret.last == UInt8(ascii: "\n") || secret.last == UInt8(ascii: "\r") {
            secret.removeLast()
        }
        guard secret.count >= shortestBytes else {
            throw .configuration(
                "JWT secret \(path.quoted): found \(secret.count) bytes, expected at least "
                    + "\(shortestBytes)")
        }
        return secret
    }

    /// Two servers that start at once agree on one: whoever comes second keeps the first's.
    private static func generate(_ path: String) throws(Failure) {
        do {
            let secret = Base64URL.encode(SecureRandom.bytes(shortestBytes))
            try File.create(path, Array((secret + "\n").utf8), mode: 0o600)
        } catch {
            throw .cannotCreate("JWT secret \(path.quoted): \(error)")
        }
    }
}
