import Testing

@testable import Phoenix

@Suite("User broadcast")
struct UserBroadcastTests {
    @Test func `a user broadcast becomes what a text client would have sent`() {
        let json = UserBroadcast(event: "a\"b", payload: Array(#"{"x":1}"#.utf8), isJSON: true)
        let text = json.textPayload.map { String(decoding: $0, as: UTF8.self) }
        #expect(text == #"{"type":"broadcast","event":"a\"b","payload":{"x":1}}"#)
        let binary = UserBroadcast(event: "e", payload: [0xFF], isJSON: false)
        #expect(binary.textPayload == nil)
    }
}
