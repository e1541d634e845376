import Testing

@testable import rollcall

@Suite("Arguments")
struct ArgumentsTests {
    private let synopsis = Synopsis(
        "try", summary: "", discussion: "", operands: ["up", "down"],
        settings: [
            Setting("--listen", "HOST:PORT", summary: ""), Setting("--echo", summary: ""),
        ],
        examples: [])

    private func parse(_ words: String...) throws(Failure) -> Arguments {
        try Arguments(words, for: synopsis)
    }

    private func refusal(of words: String...) -> String? {
        let synopsis = synopsis
        let found = failure { () throws(Failure) in try Arguments(words, for: synopsis) }
        #expect(found == nil || found?.code == .usage)
        return found?.line
    }

    @Test func `a value stands behind its flag or behind an equals sign`() throws {
        let apart = try parse("--listen", "a:1", "up")
        let joined = try parse("up", "--listen=a:1")
        #expect(apart.values == ["--listen": "a:1"])
        #expect(joined.values == apart.values)
        #expect(joined.operand == "up")
    }

    @Test func `a value may contain equals signs and begin with a dash after one`() throws {
        let parsed = try parse("up", "--listen=-a=b")
        #expect(parsed.values["--listen"] == "-a=b")
    }

    @Test func `a switch takes no value`() throws {
        let parsed = try parse("--echo", "up")
        #expect(parsed.values == ["--echo": ""])
        #expect(refusal(of: "--echo=1", "up") == "--echo: found a value, expected none")
    }

    @Test func `a forgotten value does not swallow the next flag`() {
        let line = refusal(of: "up", "--listen", "--echo")
        #expect(line == "--listen: found no value, expected HOST:PORT")
        #expect(refusal(of: "up", "--listen") == line)
    }

    @Test func `a flag given twice is refused`() {
        #expect(refusal(of: "up", "--echo", "--echo") == "--echo: given more than once")
    }

    @Test func `an unknown flag is named with the nearest one`() {
        let line = refusal(of: "up", "--lisen", "a")
        #expect(
            line == "try: unknown flag \"--lisen\", did you mean --listen?; see rollcall try --help"
        )
    }

    @Test func `an operand must be one of the known words, once`() {
        #expect(refusal(of: "sideways") == "try: found \"sideways\", expected one of up or down")
        #expect(refusal(of: "up", "down") == "try: unexpected argument \"down\"")
        #expect(refusal() == "try: expected one of up or down")
    }

    @Test func `asking for help forgives everything else`() throws {
        let parsed = try parse("--nonsense", "-h")
        #expect(parsed.asksForHelp)
    }

    @Test func `what somebody typed is shown on one line and cut`() {
        let shown = ("a\nb" + String(repeating: "x", count: 100)).quoted
        #expect(shown == "\"a\u{FFFD}b" + String(repeating: "x", count: 77) + "…\"")
        #expect(String(repeating: "x", count: 80).quoted.unicodeScalars.count == 82)
    }
}
