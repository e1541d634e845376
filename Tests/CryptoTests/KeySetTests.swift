import Basics
import JSON
import Testing

@testable import Crypto

@Suite("RFC 7517: JWK sets") struct KeySetTests {
    private let p256: [(String, JSONValue)] = [
        ("kty", "EC"), ("crv", "P-256"), ("x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        ("y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    ]
    private let ed25519: [(String, JSONValue)] = [
        ("kty", "OKP"), ("crv", "Ed25519"), ("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
    ]

    private func set(_ keys: [(String, JSONValue)]...) -> [UInt8] {
        let entries = keys.map {
            JSONValue.object(JSONObject($0.map { .init(name: $0, value: $1) }))
        }
        let set: JSONValue = ["keys": .array(entries)]
        return set.encoded()
    }

    private func rsa(bits: Int, exponent: [UInt8] = [1, 0, 1]) -> [(String, JSONValue)] {
        var modulus = [UInt8](repeating: 0xFF, count: (bits + 7) / 8)
        modulus[0] = UInt8(truncatingIfNeeded: (1 << ((bits - 1) % 8 + 1)) - 1)
        return [
            ("kty", "RSA"), ("n", .string(Base64URL.encode(modulus))),
            ("e", .string(Base64URL.encode(exponent))),
        ]
    }

    @Test func `usable keys are kept and the others counted`() throws {
        let bytes = set(
            p256, ed25519, ed25519 + [("use", "sig")], ed25519 + [("key_ops", ["verify"])],
            ed25519 + [("use", "enc")], ed25519 + [("key_ops", ["sign"])],
            ed25519 + [("alg", "ES256")], [("kty", "oct"), ("k", "AAAA")], [("kty", "new")],
            [("kty", "EC"), ("crv", "P-521")], [("kty", "OKP"), ("crv", "X25519")], [])
        let keys = try KeySet.parse(jwks: bytes)
        #expect(keys.count == 4)
        #expect(keys.skipped == 8)
    }

    @Test(arguments: [
        (2_047, 0), (2_048, 1), (4_096, 1), (8_192, 1), (8_193, 0),
    ])
    func `an RSA modulus is neither too weak nor too costly`(bits: Int, count: Int) throws {
        let keys = try KeySet.parse(jwks: set(rsa(bits: bits)))
        #expect(keys.count == count)
    }

    @Test(arguments: [[], [1], [2], [1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 1]] as [[UInt8]])
    func `an RSA exponent that is none is an error`(exponent: [UInt8]) {
        let bytes = set(rsa(bits: 2_048, exponent: exponent))
        let error = #expect(throws: KeySetError.self) { _ = try KeySet.parse(jwks: bytes) }
        let isBadKey = if case .badKey(index: 0, _) = error { true } else { false }
        #expect(isBadKey)
    }

    @Test func `a point that is not on the curve is an error`() {
        let swapped: [(String, JSONValue)] = [
            ("kty", "EC"), ("crv", "P-256"), ("x", p256[3].1), ("y", p256[2].1),
        ]
        #expect(throws: KeySetError.badKey(index: 1, reason: "x and y are no point of P-256")) {
            _ = try KeySet.parse(jwks: set(p256, swapped))
        }
    }

    @Test(arguments: ["", "!", "AAAA", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURoA"])
    func `coordinates of another length or alphabet are an error`(x: String) {
        let key: [(String, JSONValue)] = [("kty", "OKP"), ("crv", "Ed25519"), ("x", .string(x))]
        #expect(throws: KeySetError.self) { _ = try KeySet.parse(jwks: set(key)) }
    }

    @Test(arguments: ["", "[]", "{}", #"{"keys":{}}"#, #"{"keys":["#, "null"])
    func `what is no key set is an error`(text: String) {
        let error = #expect(throws: KeySetError.self) {
            _ = try KeySet.parse(jwks: Array(text.utf8))
        }
        let isNone = if case .notAKeySet = error { true } else { false }
        #expect(isNone)
    }

    @Test func `a set may hold so many keys and no more`() throws {
        let most = (0..<KeySet.mostKeys).map { _ in ed25519 }
        let full: JSONValue = [
            "keys": .array(
                most.map { .object(JSONObject($0.map { .init(name: $0, value: $1) })) })
        ]
        let keys = try KeySet.parse(jwks: full.encoded())
        #expect(keys.count == KeySet.mostKeys)
        let beyond: JSONValue = ["keys": .array((full["keys"]?.array ?? []) + [.null])]
        #expect(throws: KeySetError.tooManyKeys) {
            _ = try KeySet.parse(jwks: beyond.encoded())
        }
    }

    @Test func `a secret needs 32 bytes`() {
        let enough = [UInt8](repeating: 7, count: KeySet.leastSecretBytes)
        #expect(throws: Never.self) { _ = try KeySet(secret: enough) }
        #expect(throws: Never.self) { _ = try TokenSigner(secret: enough) }
        let short = Array(enough.dropLast())
        #expect(throws: KeySetError.weakSecret(bytes: 31)) { _ = try KeySet(secret: short) }
        #expect(throws: KeySetError.weakSecret(bytes: 31)) { _ = try TokenSigner(secret: short) }
    }
}
