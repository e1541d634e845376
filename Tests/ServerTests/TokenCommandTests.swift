import Basics
import Crypto
import JSON
import Testing

@testable import rollcall

@Suite("rollcall token")
struct TokenCommandTests {
    private let secret = String(repeating: "s", count: 32)

    /// The payload as it was signed, once the signature was found right.
    private func payload(of token: String) throws -> JSONValue {
        let parts = token.split(separator: ".")
        try #require(parts.count == 3)
        let tag = HMAC(.sha256, key: Array(secret.utf8))
            .authenticate(Array("\(parts[0]).\(parts[1])".utf8))
        #expect(Base64URL.encode(tag) == String(parts[2]))
        let bytes = try #require(Base64URL.decode(parts[1]))
        return try JSONValue.parse(bytes)
    }

    private func token(_ words: String...) throws -> JSONValue {
        let settings = try settings(
            words, environment: ["ROLLCALL_JWT_SECRET": secret], of: .token)
        var line = ""
        let console = Console(out: { line += $0 }, error: { _ in })
        let run = Run(settings: settings, console: console, isRoot: false)
        let code = try Subcommand.token.run(run)
        #expect(code == .success)
        return try payload(of: line)
    }

    @Test func `a person's token says who, in what role and for how long`() throws {
        let claims = try token("--sub", "ana", "--ttl", "15m")
        let issued = try #require(claims["iat"]?.integer)
        let expires = try #require(claims["exp"]?.integer)
        #expect(claims["sub"]?.string == "ana")
        #expect(claims["role"]?.string == "authenticated")
        #expect(claims["scope"] == nil)
        #expect(expires - issued == 900)
        #expect(issued > 1_700_000_000)
    }

    @Test func `a service token has its scopes, an anonymous one no subject`() throws {
        let service = try token("--sub", "billing", "--service", "broadcast metrics")
        let anonymous = try token("--anonymous")
        #expect(service["scope"]?.string == "broadcast metrics")
        #expect(anonymous["sub"] == nil)
        #expect(anonymous["role"]?.string == "anon")
    }

    @Test func `the first token makes the secret that the server will find`() throws {
        try withDirectory { directory in
            let path = directory + "/data"
            let first = Transcript.of("token", "--sub", "ana", "--data-dir", path)
            let secret = try JWTSecret.load(.generated(path: path + "/jwt-secret"))
            #expect(first.code == .success)
            #expect(first.out.split(separator: ".").count == 3)
            #expect(secret.count >= JWTSecret.shortestBytes)
        }
    }
}
