import JSON
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        body(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func `commas stand between values and nowhere else`() {
        let text = written { json in
            json.object { json in
                json.field("a", 1)
                json.field("b", .null)
                json.field("c", object: { _ in })
                json.field(
                    "d",
                    array: { json in
                        json.integer(1)
                        json.string("x")
                        json.array { _ in }
                    })
                json.field("e", raw: Array(#"{"raw": [1 ]}"#.utf8))
                json.field("f", true)
            }
        }
        #expect(text == #"{"a":1,"b":null,"c":{},"d":[1,"x",[]],"e":{"raw": [1 ]},"f":true}"#)
    }

    @Test func `the plain form writes the same`() {
        let text = written { json in
            json.beginArray()
            json.beginObject()
            json.name("k")
            json.null()
            json.name("l")
            json.bool(false)
            json.endObject()
            json.beginArray()
            json.endArray()
            json.raw(Array("12".utf8))
            json.endArray()
        }
        #expect(text == #"[{"k":null,"l":false},[],12]"#)
    }

    @Test(arguments: [
        (0.1, "0.1"), (1, "1.0"), (-0.0, "-0.0"), (1e21, "1e+21"),
        (.leastNonzeroMagnitude, "5e-324"),
        (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (.infinity, "null"), (.nan, "null"),
    ])
    func `doubles are written as short as they read back`(number: Double, expected: String) {
        let text = written { $0.number(number) }
        #expect(text == expected)
    }

    @Test func `integers of every width are written whole`() {
        let text = written { json in
            json.array {
                $0.integer(Int64.min)
                $0.integer(UInt64.max)
                $0.integer(UInt8(7))
            }
        }
        #expect(text == "[-9223372036854775808,18446744073709551615,7]")
    }
}
