import JSON
import Testing

@Suite("JSON children")
struct JSONChildrenTests {
    private let parser = JSONParser()

    private func parse(_ text: String) throws -> JSONElement {
        try parser.parse(Array(text.utf8))
    }

    @Test func `children are found behind nested containers`() throws {
        let root = try parse(#"[{"a":[1,{"b":2}]},[[]],"end"]"#)
        let last = root.child(2)?.string
        #expect(last == "end")
        let inner = root.child(0)?["a"]?.child(1)?["b"]?.integer
        #expect(inner == 2)
        let beyond = root.child(3)
        #expect(beyond == nil)
    }

    @Test func `members come with their names, elements without`() throws {
        let object = try parse(#"{"a":{"x":1},"b":[2],"a":3}"#)
        let names = object.children.map { $0.name?.string }
        #expect(names == ["a", "b", "a"])
        let array = try parse("[[],{}]")
        let none = array.children.map { $0.name?.string }
        #expect(none == [nil, nil])
    }

    @Test(arguments: ["[]", "{}", "1", "null", "\"a\""])
    func `nothing is found in the empty and in scalars`(text: String) throws {
        let count = try parse(text).children.reduce(0) { count, _ in count + 1 }
        #expect(count == 0)
    }
}
