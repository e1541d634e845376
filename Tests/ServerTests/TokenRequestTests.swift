import Testing

@testable import rollcall

@Suite("Token request")
struct TokenRequestTests {
    private func request(_ words: String...) throws -> TokenRequest {
        try TokenRequest(try settings(words, of: .token))
    }

    private func refusal(_ words: String...) throws -> String? {
        let settings = try settings(words, of: .token)
        return failure { () throws(Failure) in try TokenRequest(settings) }?.line
    }

    @Test func `a person's token is authenticated for an hour`() throws {
        let plain = try request("--sub", "ana")
        #expect(plain.subject == "ana")
        #expect(plain.role == "authenticated")
        #expect(plain.lifetime.seconds == 3_600)
        #expect(plain.scopes.isEmpty)
    }

    @Test func `a service token carries its scopes`() throws {
        let token = try request("--sub", "billing", "--service", "broadcast  metrics")
        #expect(token.scopes == ["broadcast", "metrics"])
        #expect(token.role == "service_role")
        let line = try refusal("--sub", "billing", "--service", "everything")
        #expect(
            line
                == "--service: found \"everything\", expected scopes among "
                + "broadcast metrics")
        let empty = try refusal("--sub", "billing", "--service", " ")
        #expect(empty != nil)
    }

    @Test func `an anonymous token has no subject`() throws {
        let token = try request("--anonymous")
        #expect(token.subject == nil)
        #expect(token.role == "anon")
        let both = try refusal("--anonymous", "--sub", "ana")
        let neither = try refusal()
        let service = try refusal("--anonymous", "--service", "broadcast")
        #expect(both == "--anonymous: found --sub too, expected one of them")
        #expect(neither == "token: expected --sub ID, or --anonymous")
        #expect(service == "--service: found --anonymous too, expected --sub ID")
    }

    @Test func `a name has 1 to 255 bytes`() throws {
        let longest = String(repeating: "a", count: 255)
        let accepted = try request("--sub", longest)
        let tooLong = try refusal("--sub", longest + "a")
        let empty = try refusal("--sub=")
        #expect(accepted.subject == longest)
        #expect(tooLong == "--sub: found 256 bytes, expected 1 to 255")
        #expect(empty == "--sub: found 0 bytes, expected 1 to 255")
    }

    @Test func `a wrong time is shown with what would be right`() throws {
        let line = try refusal("--sub", "ana", "--ttl", "1w")
        #expect(
            line
                == "--ttl: found \"1w\", expected a time such as 30s, 15m, 1h or 7d, at most 366d")
    }
}
