import JSON
import Resume
import RoomContract
import Testing

@testable import Hub

/// Protocol/README.md §3 and §7.
@Suite struct JoinParametersTests {
    private func read(_ json: String) throws -> JoinParameters {
        try JoinParameters(try JSONValue.parse(Array(json.utf8)))
    }

    @Test func `an empty join starts here, quietly`() throws {
        let parameters = try read("{}")
        #expect(parameters.start == .history(0))
        #expect(!parameters.acks)
        #expect(!parameters.hearsItself)
        #expect(!parameters.isPrivate)
        #expect(parameters.presenceEnabled == nil)
        #expect(parameters.presenceKey == nil)
    }

    @Test(arguments: [0, 200]) func `a history within the limit is taken`(count: Int) throws {
        let parameters = try read(#"{"history":\#(count)}"#)
        #expect(parameters.start == .history(count))
    }

    @Test(arguments: ["-1", "201", "1.5", "\"5\"", "9223372036854775807"])
    func `a history beyond the limit is refused`(count: String) {
        #expect(throws: Refusal.self) { try read(#"{"history":\#(count)}"#) }
    }

    @Test func `a position is taken before a history, which says what follows a reset`() throws {
        let parameters = try read(#"{"position":"e1-7","history":3}"#)
        #expect(parameters.start == .position(Position("e1-7")!, orNewest: 3))
    }

    @Test(arguments: ["7", "\"7\"", "\"e1-\"", "\"e1--1\"", "\"e1-01\"", "{}"])
    func `what is no position is refused`(position: String) {
        #expect(throws: Refusal.self) { try read(#"{"position":\#(position)}"#) }
    }

    @Test func `null is as good as nothing`() throws {
        let parameters = try read(#"{"position":null,"history":null,"access_token":null}"#)
        #expect(parameters.start == .history(0))
        #expect(parameters.accessToken == nil)
    }

    @Test(arguments: ["true", "\"true\"", "\"True\""])
    func `booleans may come as text`(value: String) throws {
        let config = #"{"broadcast":{"ack":\#(value),"self":\#(value)},"private":\#(value)}"#
        let parameters = try read(#"{"config":\#(config)}"#)
        #expect(parameters.acks)
        #expect(parameters.hearsItself)
        #expect(parameters.isPrivate)
    }

    @Test(arguments: ["1", "null", "[]", "\"yes\""])
    func `what is no boolean has its default`(value: String) throws {
        let parameters = try read(#"{"config":{"private":\#(value),"presence":\#(value)}}"#)
        #expect(!parameters.isPrivate)
        #expect(parameters.presenceEnabled == nil)
    }

    @Test func `an empty presence key is none`() throws {
        let parameters = try read(#"{"config":{"presence":{"key":"","enabled":true}}}"#)
        #expect(parameters.presenceKey == nil)
        #expect(parameters.presenceEnabled == true)
    }

    @Test func `a presence key has at most 255 bytes`() throws {
        let longest = String(repeating: "k", count: Limits.presenceKeyBytes)
        let parameters = try read(#"{"config":{"presence":{"key":"\#(longest)"}}}"#)
        #expect(parameters.presenceKey == longest)
        #expect(throws: Refusal.self) {
            try read(#"{"config":{"presence":{"key":"\#(longest)k"}}}"#)
        }
    }

    @Test func `requested changes are echoed in their order with whole numbers for ids`() throws {
        let parameters = try read(
            #"{"config":{"postgres_changes":["#
                + #"{"event":"*","id":"mine"},{"event":"*"},{"table":"t"}]}}"#
        )
        let echo = try JSONValue.parse(parameters.databaseChangesEcho)
        let ids = (echo.array ?? []).map { $0["id"]?.integer }
        #expect(ids.count == 3)
        #expect(ids.allSatisfy { (0...0x7FF_FFFF).contains($0 ?? -1) })
        #expect(echo.array?[0]["event"]?.string == "*")
        #expect(echo.array?[2]["table"]?.string == "t")
    }

    @Test func `the token may have its old name`() throws {
        let parameters = try read(#"{"user_token":"abc"}"#)
        #expect(parameters.accessToken == "abc")
    }
}
