import JSON
import Testing

@Suite("JSON text")
struct JSONTextTests {
    private func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("a\"b", #""a\"b""#), ("a\\b", #""a\\b""#),
        ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#), ("\0\u{1F}", #""\u0000\u001f""#),
        ("\u{7F}", "\"\u{7F}\""), ("\u{2028}\u{2029}", "\"\u{2028}\u{2029}\""),
        ("/é😀", #""/é😀""#), ("\"\"", #""\"\"""#),
    ])
    func `only what RFC 8259 §7 demands is escaped`(text: String, expected: String) {
        let written = quoted(text)
        #expect(written == expected)
    }

    @Test func `every scalar up to U+0300 reads back`() throws {
        let text = String(
            String.UnicodeScalarView((0..<0x300).compactMap(Unicode.Scalar.init(_:))))
        let value = try JSONValue.parse(Array(quoted(text).utf8))
        #expect(value.string == text)
    }

    @Test(arguments: [
        (#""plain""#, true), (#""\u0001""#, true), (#""\ud83d\ude00""#, true),
        (#""\\u0000""#, true), (#""\\\\u0000""#, true), (#""\\\\ud800""#, true),
        (#""\u0000""#, false), (#""\\\u0000""#, false), (#"{"\u0000":1}"#, false),
        (#""\ud800""#, false), (#""\uDFFF""#, false), (#""\ud83d\ud83d\ude00""#, false),
        (#""\ud83dx\ude00""#, false), (#"[[["a","\u0000"]]]"#, false), ("", true), ("\\", true),
        ("\"\\u00", true),
    ])
    func `what PostgreSQL refuses is found in raw bytes`(json: String, expected: Bool) {
        let storable = JSONText.isStorable(Array(json.utf8))
        #expect(storable == expected)
    }

    @Test(arguments: [
        (#""\ud800""#, #""\ufffd""#), (#""\ud83d\ud83d\ude00""#, #""\ufffd\ud83d\ude00""#),
        (#""\udc00\ud800""#, #""\ufffd\ufffd""#), (#""\\ud800""#, #""\\ud800""#),
        (#"["\uDBFF","\u0000"]"#, #"["\ufffd","\u0000"]"#), (#""\ud8"#, #""\ud8"#),
    ])
    func `lone surrogates are replaced in place`(json: String, expected: String) {
        let repaired = JSONText.replacingLoneSurrogates(in: Array(json.utf8))
        #expect(String(decoding: repaired, as: UTF8.self) == expected)
    }
}
