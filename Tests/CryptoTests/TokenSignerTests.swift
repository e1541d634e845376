import Basics
import JSON
import Testing

@testable import Crypto

@Suite struct TokenSignerTests {
    @Test func `a signed token is HS256 and verifies`() throws {
        let signer = try TokenSigner(secret: secret, id: "k1")
        let claims = JSONObject([
            .init(name: "sub", value: "ana"), .init(name: "exp", value: 2_000_000_000),
        ])
        let token = signer.sign(claims)
        let header = token.split(separator: ".").first.flatMap { Base64URL.decode($0) } ?? []
        #expect(
            String(decoding: header, as: UTF8.self) == #"{"alg":"HS256","typ":"JWT","kid":"k1"}"#)
        let verifier = TokenVerifier(keys: try KeySet(secret: secret, id: "k1"), leeway: .zero)
        let verified = try verifier.verify(token, at: Timestamp(secondsSince1970: 1_800_000_000))
        #expect(verified.all == claims)
        #expect(verified.expires == Timestamp(secondsSince1970: 2_000_000_000))
    }
}
