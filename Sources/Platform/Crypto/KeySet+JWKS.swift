import Basics
import JSON

extension KeySet {
    /// The most keys a JWK set may hold. Providers publish two to five; each costs a few
    /// kilobytes on every loop.
    package static let mostKeys = 64

    /// The largest JWK set that is read: 64 keys of 4,096 bits with certificate chains fit.
    package static let mostBytes = 256 * 1_024

    /// RSA moduli we work with, in bits. Below 2,048 is forbidden (RFC 7518 §3.3), and above
    /// 8,192 one check takes longer than a hundred ordinary ones.
    static let modulusBits = 2_048...8_192

    /// RSA exponents have at most 8 bytes: 65,537 in practice, and larger ones only cost.
    static let mostExponentBytes = 8

    /// Reads a JWK set (RFC 7517 §5) with public keys of types RSA, EC P-256 and OKP Ed25519.
    ///
    /// Keys for something else are skipped and counted, as §5 asks: of unknown type or curve,
    /// for encryption, for another algorithm, symmetric, or weaker than RFC 7518 allows. A key
    /// that should work and is broken is an error: somebody relies on it.
    package static func parse(jwks bytes: [UInt8]) throws(KeySetError) -> KeySet {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONValue.parse(bytes, maximumBytes: mostBytes)
        } catch {
            throw .notAKeySet(reason: error.reason)
        }
        guard let entries = root["keys"]?.array else {
            throw .notAKeySet(reason: "expected an object with an array keys")
        }
        guard entries.count <= mostKeys else { throw .tooManyKeys }
        var set = KeySet()
        for (index, entry) in entries.enumerated() {
            if let key = try publicKey(JWK(entry, index: index)) {
                set.add(key, id: entry["kid"]?.string)
            } else {
                set.skipped += 1
            }
        }
        return set
    }

    /// Nil for a key that is not for us.
    private static func publicKey(_ jwk: JWK) throws(KeySetError) -> PublicKey? {
        guard jwk.isForSignatures else { return nil }
        switch (jwk.text("kty"), jwk.text("crv")) {
        case ("RSA", _) where jwk.allows(.rs256): return try rsa(jwk)
        case ("EC", "P-256") where jwk.allows(.es256): return try p256(jwk)
        case ("OKP", "Ed25519") where jwk.allows(.edDSA): return try ed25519(jwk)
        default: return nil
        }
    }

    private static func rsa(_ jwk: JWK) throws(KeySetError) -> PublicKey? {
        let modulus = Array(try jwk.bytes("n").drop { $0 == 0 })
        let exponent = Array(try jwk.bytes("e").drop { $0 == 0 })
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard modulusBits.contains(bits) else { return nil }
        guard exponent.count <= mostExponentBytes, exponent.last.map({ $0 % 2 == 1 }) == true,
            exponent != [1], let key = PublicKey.rsa(modulus: modulus, exponent: exponent)
        else { throw jwk.error("n and e are no RSA key") }
        return key
    }

    private static func p256(_ jwk: JWK) throws(KeySetError) -> PublicKey {
        // RFC 7518 §6.2.1.2: always the full 32 bytes.
        let x = try jwk.bytes("x", count: 32)
        let y = try jwk.bytes("y", count: 32)
        guard let key = PublicKey.p256(x: x, y: y) else {
            throw jwk.error("x and y are no point of P-256")
        }
        return key
    }

    private static func ed25519(_ jwk: JWK) throws(KeySetError) -> PublicKey {
        let x = try jwk.bytes("x", count: 32)
        guard let key = PublicKey.ed25519(x) else { throw jwk.error("x is no Ed25519 key") }
        return key
    }
}

/// One entry of a set, and where it stands for the error's sake.
private struct JWK {
    let value: JSONValue
    let index: Int

    init(_ value: JSONValue, index: Int) {
        self.value = value
        self.index = index
    }

    func text(_ name: String) -> String? { value[name]?.string }

    /// RFC 7517 §4.2 and §4.3: either member may restrict a key to other uses.
    var isForSignatures: Bool {
        if let use = text("use"), use != "sig" { return false }
        if let operations = value["key_ops"]?.array, !operations.contains("verify") {
            return false
        }
        return true
    }

    /// RFC 7517 §4.4: a key may be bound to one algorithm.
    func allows(_ algorithm: TokenAlgorithm) -> Bool {
        text("alg").map { $0 == algorithm.rawValue } ?? true
    }

    func bytes(_ name: String, count: Int? = nil) throws(KeySetError) -> [UInt8] {
        guard let text = text(name), let bytes = Base64URL.decode(text), !bytes.isEmpty else {
            throw error("expected \(name) in base64url")
        }
        if let count, bytes.count != count {
            throw error("expected \(count) bytes in \(name), found \(bytes.count)")
        }
        return bytes
    }

    func error(_ reason: String) -> KeySetError {
        .badKey(index: index, reason: reason)
    }
}
