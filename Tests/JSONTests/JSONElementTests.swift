import JSON
import Testing

@Suite("JSON element")
struct JSONElementTests {
    private let parser = JSONParser()

    private func parse(_ text: String) throws -> JSONElement {
        try parser.parse(Array(text.utf8))
    }

    @Test func `each kind is told apart`() throws {
        let root = try parse(#"[null,true,false,1,-1.5,18446744073709551615,"a",[],{}]"#)
        let kinds = root.children.map(\.value.kind)
        let expected: [JSONKind] = [
            .null, .bool, .bool, .number, .number, .number, .string, .array, .object,
        ]
        #expect(kinds == expected)
        #expect(root.count == 9)
    }

    @Test func `scalars are read as what they are and as nothing else`() throws {
        let root = try parse(#"[7,7.0,18446744073709551615,true,"7",null]"#)
        let integers = root.children.map(\.value.integer)
        #expect(integers == [7, nil, nil, nil, nil, nil])
        let numbers = root.children.map(\.value.number)
        #expect(numbers == [7, 7, 0x1p64, nil, nil, nil])
        let bools = root.children.map(\.value.bool)
        #expect(bools == [nil, nil, nil, true, nil, nil])
        let strings = root.children.map(\.value.string)
        #expect(strings == [nil, nil, nil, nil, "7", nil])
        let nulls = root.children.map(\.value.isNull)
        #expect(nulls == [false, false, false, false, false, true])
    }

    @Test func `of a repeated name the last one counts`() throws {
        let root = try parse(#"{"a":1,"b":2,"a":3}"#)
        let member = root.member("a")
        #expect(member?.ordinal == 2)
        #expect(member?.value.integer == 3)
    }

    @Test func `an escaped name is the name it spells`() throws {
        let root = try parse(#"{"payl\u006fad":1}"#)
        let value = root["payload"]?.integer
        #expect(value == 1)
    }

    @Test func `names and strings compare by bytes, the empty one too`() throws {
        let root = try parse(#"{"":"","é":"\u00e9"}"#)
        let empty = root[""]?.equals("")
        #expect(empty == true)
        let accented = root["é"]?.equals("é")
        #expect(accented == true)
        let other = root["é"]?.equals("e")
        #expect(other == false)
    }

    @Test func `an element that outlives its document stops the process`() async {
        await #expect(processExitsWith: .failure) {
            let parser = JSONParser()
            let stale = try parser.parse(Array("[1]".utf8))
            _ = try parser.parse(Array("{}".utf8))
            _ = stale.kind
        }
    }

    @Test func `a scalar has neither children nor members`() throws {
        let root = try parse("5")
        #expect(root.count == 0)
        let child = root.child(0)
        #expect(child == nil)
        let member = root["a"]
        #expect(member == nil)
    }
}
