import Testing

@testable import Presence

@Suite("What a member says about itself")
struct PresenceStateTests {
    private func state(_ text: String) throws -> String {
        String(decoding: try PresenceState(Array(text.utf8)).json, as: UTF8.self)
    }

    @Test
    func `an object is kept byte for byte, without the white space around it`() throws {
        let kept = try state(" \n{ \"a\" : [1, 2.50],\"b\":\"}\" }\t")
        #expect(kept == "{ \"a\" : [1, 2.50],\"b\":\"}\" }")
    }

    @Test(arguments: ["", "[]", "1", "null", "{", "{\"a\":}", "{} {}", "{\"a\":\"\\ud800\"}"])
    func `what is not one valid object is refused`(text: String) {
        #expect(throws: PresenceRefusal.stateIsNoObject) { try state(text) }
    }

    @Test
    func `1 KiB is taken and one byte more is not`() throws {
        let padding = String(repeating: "x", count: 1_024 - "{\"a\":\"\"}".utf8.count)
        let largest = try state("{\"a\":\"\(padding)\"}")
        #expect(largest.utf8.count == 1_024)
        #expect(throws: PresenceRefusal.stateTooLarge(limit: 1_024)) {
            try state("{\"a\":\"\(padding)x\"}")
        }
    }

    @Test(arguments: [
        ("{\"phx_ref\":\"mine\",\"a\":1}", "{\"a\":1}"),
        ("{\"a\":1,\"phx\\u005fref\":2,\"phx_ref_prev\":3,\"phx_ref\":4}", "{\"a\":1}"),
        ("{\"a\":{\"phx_ref\":1}}", "{\"a\":{\"phx_ref\":1}}"),
    ])
    func `the server's own members cannot be forged`(sent: String, kept: String) throws {
        let state = try state(sent)
        #expect(state == kept)
    }
}
