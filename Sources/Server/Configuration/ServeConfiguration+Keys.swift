import Basics
import Crypto

extension ServeConfiguration {
    /// The keys that tokens are checked with: the secret, and the issuers' of the key set.
    ///
    /// Makes the secret when there is none, so the data directory must be prepared before.
    func keys() throws(Failure) -> KeySet {
        let secret = try JWTSecret.load(secret)
        var keys: KeySet
        do {
            keys = try KeySet(secret: secret)
        } catch {
            throw .configuration("JWT secret: \(error.text)")
        }
        if let jwksFile { keys.add(try ServeConfiguration.keys(of: jwksFile)) }
        return keys
    }

    /// Reads a JSON Web Key Set, which must hold a key that can be used.
    static func keys(of path: String) throws(Failure) -> KeySet {
        let bytes: [UInt8]
        do {
            bytes = try File.read(path, atMost: KeySet.mostBytes).bytes
        } catch {
            throw .configuration("key set \(path.quoted): \(error)")
        }
        let keys: KeySet
        do {
            keys = try KeySet.parse(jwks: bytes)
        } catch {
            throw .configuration("key set \(path.quoted): \(error.text)")
        }
        guard keys.count > 0 else {
            throw .configuration("key set \(path.quoted): found no key that can be used")
        }
        return keys
    }
}
