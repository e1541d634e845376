import Basics
import JSON
import Testing

@testable import Crypto

@Suite struct TokenVerifierTests {
    private let vectors = TokenVectors.all

    private func verifier() -> TokenVerifier {
        TokenVerifier(keys: vectors.keys, leeway: .seconds(30))
    }

    @Test(arguments: TokenVectors.all.accepted)
    func `a genuine token says its claims`(vector: TokenVectors.Accepted) throws {
        let verifier = verifier()
        let claims = try verifier.verify(vector.token, at: vectors.now)
        #expect(JSONValue.object(claims.all) == vector.claims)
        let again = try verifier.verify(vector.token, at: vectors.now)
        #expect(again == claims)
    }

    @Test(arguments: TokenVectors.all.refused)
    func `a token that is not genuine is refused for its reason`(vector: TokenVectors.Refused) {
        let error = #expect(throws: TokenError.self) {
            _ = try verifier().verify(vector.token, at: vectors.now)
        }
        #expect(error?.name == vector.error)
    }

    @Test(arguments: TokenVectors.all.standards)
    func `the examples of the standards verify`(vector: TokenVectors.Standard) throws {
        let verifier = TokenVerifier(keys: vector.keys, leeway: .zero)
        guard let at = vector.at else {
            // Its payload is a sentence: the signature must be valid, the claims cannot be.
            let token = try CompactToken(vector.token, parser: JSONParser())
            let isSigned = verifier.isSigned(token)
            #expect(isSigned)
            return
        }
        let claims = try verifier.verify(vector.token, at: at)
        #expect(claims["iss"]?.string == "joe")
        #expect(claims["http://example.com/is_root"]?.bool == true)
        let late = at.advanced(by: .seconds(1))
        let error = #expect(throws: TokenError.self) {
            _ = try verifier.verify(vector.token, at: late)
        }
        #expect(error == .expired(at: late))
    }

    @Test(arguments: ["HS256", "RS256", "ES256", "EdDSA"])
    func `a token changed at any byte is refused`(algorithm: String) throws {
        let vector = try #require(vectors.accepted.first { $0.name.hasPrefix(algorithm) })
        let verifier = verifier()
        let original = Array(vector.token.utf8)
        var survivors: [Int] = []
        for index in original.indices {
            // A neighbour within the alphabet where there is one, so that it still decodes.
            for change in [UInt8(1), 0x20] {
                var changed = original
                changed[index] ^= change
                let token = String(decoding: changed, as: UTF8.self)
                if (try? verifier.verify(token, at: vectors.now)) != nil { survivors.append(index) }
            }
        }
        #expect(survivors.isEmpty)
    }

    @Test func `a token cut at any byte is refused`() throws {
        let vector = try #require(vectors.accepted.first)
        let verifier = verifier()
        let survivors = (0..<vector.token.utf8.count).filter { length in
            let token = String(decoding: vector.token.utf8.prefix(length), as: UTF8.self)
            return (try? verifier.verify(token, at: vectors.now)) != nil
        }
        #expect(survivors.isEmpty)
    }

    @Test func `a token of the largest size is read and one byte more is not`() throws {
        let signer = try TokenSigner(secret: secret)
        let verifier = TokenVerifier(keys: try KeySet(secret: secret), leeway: .zero)
        // Base64 grows in steps, so the limit is met by a header that fills the rest.
        func token(padding: Int) -> String {
            signer.sign(
                JSONObject([
                    .init(name: "exp", value: 2_000_000_000),
                    .init(name: "pad", value: .string(String(repeating: "x", count: padding))),
                ]))
        }
        let fits = (6_000..<6_200).map(token).filter { $0.utf8.count <= CompactToken.mostBytes }
        let largest = try #require(fits.last)
        #expect(largest.utf8.count >= CompactToken.mostBytes - 1)
        let claims = try verifier.verify(largest, at: vectors.now)
        #expect(claims["pad"]?.string != nil)
        let beyond = token(padding: 6_200)
        #expect(beyond.utf8.count > CompactToken.mostBytes)
        let error = #expect(throws: TokenError.self) {
            _ = try verifier.verify(beyond, at: vectors.now)
        }
        #expect(error == .malformed)
    }

    @Test func `a subject is a person's id that the database can hold`() throws {
        func outcome(_ subject: String) throws -> TokenError? {
            let token = try TokenSigner(secret: secret).sign(
                JSONObject([
                    .init(name: "exp", value: 2_000_000_000),
                    .init(name: "sub", value: .string(subject)),
                ]))
            let verifier = TokenVerifier(keys: try KeySet(secret: secret), leeway: .zero)
            do throws(TokenError) {
                _ = try verifier.verify(token, at: vectors.now)
                return nil
            } catch {
                return error
            }
        }
        let longest = String(repeating: "x", count: TokenVerifier.mostSubjectBytes)
        #expect(try outcome(longest) == nil)
        #expect(try outcome(longest + "x") == .refusedClaim("sub"))
        #expect(try outcome("a\u{0}b") == .refusedClaim("sub"))
        #expect(try outcome("") == .refusedClaim("sub"))
    }
}

@Suite("RFC 7519 §4.1: times") struct TokenTimeTests {
    private let exp = Timestamp(secondsSince1970: 2_000_000_000)

    private func outcome(_ claims: JSONObject, leeway: Duration, at now: Timestamp) throws
        -> TokenError?
    {
        let token = try TokenSigner(secret: secret).sign(claims)
        let verifier = TokenVerifier(keys: try KeySet(secret: secret), leeway: leeway)
        do throws(TokenError) {
            _ = try verifier.verify(token, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [Duration.zero, .seconds(30)])
    func `a token lives until just before its expiry and the leeway`(leeway: Duration) throws {
        let claims = JSONObject([.init(name: "exp", value: 2_000_000_000)])
        let end = exp.advanced(by: leeway)
        let before = try outcome(claims, leeway: leeway, at: end.advanced(by: .microseconds(-1)))
        let on = try outcome(claims, leeway: leeway, at: end)
        #expect(before == nil)
        #expect(on == .expired(at: exp))
    }

    @Test(arguments: ["nbf", "iat"])
    func `a token begins at its time less the leeway`(name: String) throws {
        let begin = Timestamp(secondsSince1970: 1_900_000_000)
        let claims = JSONObject([
            .init(name: "exp", value: 2_000_000_000), .init(name: name, value: 1_900_000_000),
        ])
        let early = begin.advanced(by: .seconds(-30))
        let on = try outcome(claims, leeway: .seconds(30), at: early)
        let before = try outcome(
            claims, leeway: .seconds(30), at: early.advanced(by: .microseconds(-1)))
        #expect(on == nil)
        #expect(before == .notYetValid)
    }

    @Test(arguments: [1e300, 9.3e18, 253_402_300_800])
    func `an absurd expiry neither traps nor ends`(seconds: Double) throws {
        let claims = JSONObject([.init(name: "exp", value: .number(seconds))])
        let error = try outcome(claims, leeway: .seconds(30), at: exp)
        #expect(error == nil)
    }

    @Test func `a negative leeway counts as none`() throws {
        let claims = JSONObject([.init(name: "exp", value: 2_000_000_000)])
        let now = exp.advanced(by: .microseconds(-1))
        let error = try outcome(claims, leeway: .seconds(-30), at: now)
        #expect(error == nil)
    }
}

@Suite("RFC 8725: issuer, audience, keys") struct TokenKeyTests {
    private let now = Timestamp(secondsSince1970: 1_800_000_000)

    private func token(_ members: (String, JSONValue)...) throws -> String {
        let exp = JSONObject.Member(name: "exp", value: 2_000_000_000)
        return try TokenSigner(secret: secret).sign(
            JSONObject([exp] + members.map { .init(name: $0.0, value: $0.1) }))
    }

    @Test func `the issuer must be the expected one`() throws {
        let verifier = TokenVerifier(
            keys: try KeySet(secret: secret), leeway: .zero, issuer: "https://school.example")
        let right = try verifier.verify(try token(("iss", "https://school.example")), at: now)
        #expect(right["iss"]?.string == "https://school.example")
        let other = try token(("iss", "https://school.example/"))
        let none = try token()
        #expect(throws: TokenError.refusedClaim("iss")) { _ = try verifier.verify(other, at: now) }
        #expect(throws: TokenError.missingClaim("iss")) { _ = try verifier.verify(none, at: now) }
    }

    @Test func `the audience must include us, as text or in an array`() throws {
        let verifier = TokenVerifier(
            keys: try KeySet(secret: secret), leeway: .zero, audience: "rollcall")
        for audience in ["rollcall", ["other", "rollcall"]] as [JSONValue] {
            let token = try token(("aud", audience))
            #expect(throws: Never.self) { _ = try verifier.verify(token, at: now) }
        }
        for audience in ["other", ["other"], [], 7] as [JSONValue] {
            let token = try token(("aud", audience))
            #expect(throws: TokenError.refusedClaim("aud")) {
                _ = try verifier.verify(token, at: now)
            }
        }
        let none = try token()
        #expect(throws: TokenError.missingClaim("aud")) { _ = try verifier.verify(none, at: now) }
    }

    @Test func `a token naming no key is tried against so many keys and no more`() throws {
        let token = try token()
        for (others, isAccepted) in [
            (TokenVerifier.mostKeysTried - 1, true), (TokenVerifier.mostKeysTried, false),
        ] {
            var keys = KeySet()
            for index in 0..<others {
                try keys.add(secret: Array(repeating: UInt8(index), count: 32), id: "\(index)")
            }
            try keys.add(secret: secret, id: "last")
            let verifier = TokenVerifier(keys: keys, leeway: .zero)
            let claims = try? verifier.verify(token, at: now)
            #expect((claims != nil) == isAccepted)
        }
    }

    @Test func `a key id finds its key at once, and an unknown one is said to be so`() throws {
        var keys = KeySet()
        for index in 0..<20 {
            try keys.add(secret: Array(repeating: UInt8(index), count: 32), id: "\(index)")
        }
        let verifier = TokenVerifier(keys: keys, leeway: .zero)
        let claims = JSONObject([.init(name: "exp", value: 2_000_000_000)])
        let last = Array(repeating: UInt8(19), count: 32)
        let known = try TokenSigner(secret: last, id: "19").sign(claims)
        let unknown = try TokenSigner(secret: last, id: "20").sign(claims)
        #expect(throws: Never.self) { _ = try verifier.verify(known, at: now) }
        #expect(throws: TokenError.unknownKey) { _ = try verifier.verify(unknown, at: now) }
    }

    @Test func `after a rotation the old key's tokens are refused`() throws {
        let verifier = TokenVerifier(keys: try KeySet(secret: secret), leeway: .zero)
        let token = try token()
        #expect(throws: Never.self) { _ = try verifier.verify(token, at: now) }
        verifier.use(try KeySet(secret: Array(repeating: 9, count: 32)))
        #expect(throws: TokenError.badSignature) { _ = try verifier.verify(token, at: now) }
    }

    @Test func `no keys accept nothing`() throws {
        let verifier = TokenVerifier(keys: KeySet(), leeway: .zero)
        let token = try token()
        #expect(throws: TokenError.unsupportedAlgorithm) {
            _ = try verifier.verify(token, at: now)
        }
    }

    @Test func `a secret of 32 bytes is no key for the longer hashes`() throws {
        let keys = try KeySet(secret: Array("a shared secret for these vectors".utf8.prefix(32)))
        let verifier = TokenVerifier(keys: keys, leeway: .zero)
        let tokens = TokenVectors.all.accepted.filter { $0.name.hasPrefix("HS384") }
        let token = try #require(tokens.first).token
        #expect(throws: TokenError.unsupportedAlgorithm) {
            _ = try verifier.verify(token, at: now)
        }
    }
}

let secret = Array("0123456789abcdef0123456789abcdef".utf8)
