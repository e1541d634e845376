import JSON
import Testing

@Suite("JSON object")
struct JSONObjectTests {
    @Test func `setting a member replaces, appends or removes`() {
        var object = JSONObject([
            .init(name: "a", value: 1), .init(name: "b", value: 2), .init(name: "a", value: 3),
        ])
        object["a"] = 4
        object["c"] = 5
        #expect(object.members.map(\.name) == ["a", "b", "c"])
        #expect(object["a"] == 4)
        object["a"] = nil
        #expect(object.members.map(\.name) == ["b", "c"])
    }

    @Test func `the last of a repeated name is found`() {
        let object = JSONObject([.init(name: "a", value: 1), .init(name: "a", value: 2)])
        #expect(object["a"] == 2)
        #expect(object["b"] == nil)
    }
}
