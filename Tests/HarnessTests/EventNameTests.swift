import Testing

@testable import rollcall_load

@Suite struct EventNameTests {
    @Test(
        arguments: [
            (#"["1","2","course:a","phx_reply",{"a":[1,2]}]"#, "phx_reply"),
            (#"[null,null,"realtime:a,b","presence_diff",{}]"#, "presence_diff"),
            (#"[1,null,"t","typing"]"#, "typing"),
            (#"[1,2,3]"#, ""), (#"[1,2,3,4]"#, ""), (#"[1,2,"t","#, ""), ("", ""),
        ])
    func `the fourth element is the event`(text: String, name: String) {
        let found = EventName.find(in: Array(text.utf8).span)
        #expect(found == name)
    }
}
