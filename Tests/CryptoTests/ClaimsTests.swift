import Basics
import JSON
import Testing

@testable import Crypto

@Suite struct ClaimsTests {
    private func made(_ members: (String, JSONValue)...) -> Claims {
        Claims(
            all: JSONObject(members.map { .init(name: $0.0, value: $0.1) }),
            expires: Timestamp(secondsSince1970: 0))
    }

    @Test func `scopes are words, or an array of them`() {
        let words = made(("scope", " join  publish ")).scopes
        let array = made(("scope", ["join", 7, "publish"])).scopes
        let none = made().scopes
        let number = made(("scope", 7)).scopes
        #expect(words == ["join", "publish"])
        #expect(array == ["join", "publish"])
        #expect(none.isEmpty)
        #expect(number.isEmpty)
    }

    @Test func `subject and role are text or absent`() {
        let texts = made(("sub", "user_2ab"), ("role", "student"))
        let numbers = made(("sub", 7), ("role", .null))
        #expect(texts.subject == "user_2ab")
        #expect(texts.role == "student")
        #expect(numbers.subject == nil)
        #expect(numbers.role == nil)
    }

    @Test(arguments: [nil, "", 7, .null] as [JSONValue?])
    func `a required claim must be text that is not empty`(value: JSONValue?) {
        let claims = value.map { made(("sub", $0)) } ?? made()
        #expect(throws: TokenError.missingClaim("sub")) { _ = try claims.requiredText("sub") }
    }

    @Test func `a required claim is returned`() throws {
        let text = try made(("sub", "ana")).requiredText("sub")
        #expect(text == "ana")
    }
}
