import JSON
import Testing

@Suite("JSON value")
struct JSONValueTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue {
        try JSONValue.parse(Array(text.utf8))
    }

    @Test func `a document becomes a tree`() throws {
        let value = try parse(#"{"text":"hi","n":[1,-2,0.5,null],"ok":true,"in":{"x":""}}"#)
        let expected: JSONValue = [
            "text": "hi", "n": [1, -2, 0.5, .null], "ok": true, "in": ["x": ""],
        ]
        #expect(value == expected)
        #expect(value["text"]?.string == "hi")
        #expect(value["n"]?.array?.count == 4)
        #expect(value["n"]?.array?[1].integer == -2)
        #expect(value["n"]?.array?[2].number == 0.5)
        #expect(value["ok"]?.bool == true)
        #expect(value["in"]?.object?.members.count == 1)
        #expect(value["absent"] == nil)
        #expect(value["text"]?["deeper"] == nil)
    }

    @Test func `an integer is also a number, not the other way round`() throws {
        let value = try parse("[3,3.0]").array ?? []
        #expect(value.map(\.integer) == [3, nil])
        #expect(value.map(\.number) == [3, 3])
    }

    @Test func `an unsigned integer beyond Int64 becomes the nearest double`() throws {
        let value = try parse("[9223372036854775807,9223372036854775808]")
        #expect(value == [9_223_372_036_854_775_807, 9_223_372_036_854_775_808.0])
    }

    @Test func `of a repeated name the last one is found`() throws {
        let value = try parse(#"{"a":1,"a":2}"#)
        #expect(value["a"]?.integer == 2)
        #expect(value.object?.members.count == 2)
    }

    @Test func `storable text is refused only where it was asked for`() throws {
        let text = Array(#"{"text":"a\u0000b"}"#.utf8)
        let value = try JSONValue.parse(text)
        #expect(value["text"]?.string == "a\0b")
        #expect(throws: JSONError.unstorableText) {
            try JSONValue.parse(text, storable: true)
        }
    }

    @Test(arguments: JSONVectors.shared.good)
    func `what is written reads back equal`(vector: JSONVectors.Case) throws {
        let value = try JSONValue.parse(vector.bytes)
        let again = try JSONValue.parse(value.encoded())
        #expect(again == value)
    }
}
