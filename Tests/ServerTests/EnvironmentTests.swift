import Testing

@testable import rollcall

@Suite("Environment")
struct EnvironmentTests {
    @Test func `pairs are split at the first equals sign`() {
        let variables = Environment.parse(Array("A=1=2\0EMPTY=\0".utf8))
        #expect(variables == ["A": "1=2", "EMPTY": ""])
    }

    @Test func `what is no pair or no UTF-8 is left out, and the first of equals holds`() {
        let block = Array("NOPAIR\0A=1\0A=2\0B=".utf8) + [0xFF, 0] + Array("C=3".utf8)
        #expect(Environment.parse(block) == ["A": "1", "C": "3"])
    }

    @Test func `the process's own environment is found`() throws {
        let variables = try Environment.ofProcess()
        #expect(variables["PATH"] != nil)
    }
}
