import JSON
import RoomContract
import Testing

@Suite struct PayloadsTests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONValue.parse(Array(text.utf8))
    }

    private func code(_ body: () throws -> Void) -> ErrorCode? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Refusal)?.code
        }
    }

    @Test(arguments: [
        (#"{"text":"ok"}"#, nil), (#"{"text":""}"#, ErrorCode.invalidPayload),
        (#"{"text":7}"#, .invalidPayload), ("{}", .invalidPayload),
        (#"{"text":"abc"}"#, .tooLarge), (#"{"text":"\u0000"}"#, .unstorableText),
    ]) func `a text has its bounds`(payload: String, expected: ErrorCode?) throws {
        let payload = try json(payload)
        let found = code { _ = try payload.text("text", atMost: 2) }
        #expect(found == expected)
    }

    @Test func `a text is measured in Unicode scalars`() throws {
        let family = "👩\u{200D}👧"
        let payload = try json(#"{"text":"\#(family)"}"#)
        let three = code { _ = try payload.text("text", atMost: 3) }
        let two = code { _ = try payload.text("text", atMost: 2) }
        #expect(three == nil)
        #expect(two == .tooLarge)
    }

    @Test(arguments: [
        (#"{"limit":1}"#, nil), (#"{"limit":200}"#, nil),
        (#"{"limit":0}"#, ErrorCode.invalidPayload),
        (#"{"limit":201}"#, .invalidPayload), (#"{"limit":"5"}"#, .invalidPayload),
        (#"{"before":"e1-2","after":"e1-1"}"#, .invalidPayload),
        (#"{"before":"2"}"#, .invalidPayload),
        (#"{"before":"e1-9223372036854775808"}"#, .invalidPayload),
        (#"{"before":"e1-9223372036854775807"}"#, nil),
    ]) func `a page of history has its bounds`(payload: String, expected: ErrorCode?) throws {
        let payload = try json(payload)
        let found = code { _ = try payload.historyPage() }
        #expect(found == expected)
    }

    @Test func `a page has a direction, and twenty entries where nobody says more`() throws {
        let newest = try json("{}").historyPage()
        let before = try json(#"{"before":"e1-7","limit":3}"#).historyPage()
        let after = try json(#"{"after":"e1-7"}"#).historyPage()
        #expect(newest == HistoryPage(direction: .newest, limit: 20))
        #expect(before == HistoryPage(direction: .before(7), limit: 3))
        #expect(after == HistoryPage(direction: .after(7), limit: 20))
    }

    @Test func `a payload that is read as a whole has at most the bytes of a broadcast`() {
        func reading(_ count: Int) -> ErrorCode? {
            let filling = String(repeating: "x", count: count - #"{"x":""}"#.utf8.count)
            let command = Command(
                event: "presence", payload: .json(Array(#"{"x":"\#(filling)"}"#.utf8)))
            return code { _ = try command.object() }
        }
        #expect(reading(Limits.eventBodyBytes) == nil)
        #expect(reading(Limits.eventBodyBytes + 1) == .tooLarge)
    }
}
