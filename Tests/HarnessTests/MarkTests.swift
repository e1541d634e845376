import Testing

@testable import rollcall_load

@Suite struct MarkTests {
    private func text(_ mark: Mark, before: String = "", after: String = "") -> [UInt8] {
        var bytes = Array(before.utf8)
        mark.append(to: &bytes)
        return bytes + Array(after.utf8)
    }

    @Test(arguments: [
        Mark(stream: 0, number: 0, dueNanoseconds: 0),
        Mark(stream: 99_999, number: 9_999_999_999, dueNanoseconds: .max),
        Mark(stream: 3, number: 42, dueNanoseconds: 1_234_567_890_123),
    ])
    func `a mark reads back as it was written`(mark: Mark) {
        var finder = MarkFinder()
        let bytes = text(mark, before: #"[null,null,"t",{"mark":""#, after: #"","pad":"x"}]"#)
        let found = finder.find(in: bytes.span)
        #expect(found == mark)
        #expect(text(mark).count == Mark.width)
    }

    @Test func `the next mark may stand elsewhere`() {
        var finder = MarkFinder()
        let mark = Mark(stream: 1, number: 2, dueNanoseconds: 3)
        let first = finder.find(in: text(mark, before: "a longer head ").span)
        let second = finder.find(in: text(mark, before: "short ").span)
        let third = finder.find(in: text(mark, before: "mark! no mark: mar ").span)
        #expect(first == mark)
        #expect(second == mark)
        #expect(third == nil)
    }

    @Test(arguments: ["", "mark:", "mark:0000", "no such thing", "mark:00001.0000000002.000000000"])
    func `what holds no whole mark has none`(text: String) {
        var finder = MarkFinder()
        let found = finder.find(in: Array(text.utf8).span)
        #expect(found == nil)
    }

    @Test func `letters among the digits are no mark`() {
        var finder = MarkFinder()
        let mark = Mark(stream: 1, number: 2, dueNanoseconds: 3)
        var bytes = text(mark)
        bytes[bytes.count - 1] = UInt8(ascii: "x")
        let found = finder.find(in: bytes.span)
        #expect(found == nil)
    }

    @Test(
        arguments: [
            (#"{"seq":17,"x":1}"#, 17), (#"{"seq":0}"#, 0), (#"{"seq":"a"}"#, nil), ("{}", nil),
            (#"{"seq":9"#, 9),
        ] as [(String, Int64?)])
    func `the number behind a label is found without parsing`(json: String, wanted: Int64?) {
        let found = Digits.after(Array(#""seq":"#.utf8), in: Array(json.utf8).span)
        #expect(found == wanted)
    }
}
