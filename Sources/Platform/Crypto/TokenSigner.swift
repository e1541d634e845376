import Basics
package import JSON

/// Makes HS256 tokens, for the operator's tool and for tests. Platforms sign their own.
package struct TokenSigner: Sendable {
    private let secret: [UInt8]
    private let header: String

    /// Refuses secrets that a verifier would refuse. `id` becomes the header's `kid`.
    package init(secret: [UInt8], id: String? = nil) throws(KeySetError) {
        guard secret.count >= KeySet.leastSecretBytes else {
            throw .weakSecret(bytes: secret.count)
        }
        self.secret = secret
        var header = JSONObject([
            .init(name: "alg", value: "HS256"), .init(name: "typ", value: "JWT"),
        ])
        if let id { header["kid"] = .string(id) }
        self.header = Base64URL.encode(JSONValue.object(header).encoded())
    }

    /// The token that says `claims`, just as they are: `exp` is the caller's business.
    package func sign(_ claims: JSONObject) -> String {
        let signed = header + "." + Base64URL.encode(JSONValue.object(claims).encoded())
        let tag = HMAC(.sha256, key: secret).authenticate(Array(signed.utf8))
        return signed + "." + Base64URL.encode(tag)
    }
}
