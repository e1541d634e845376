import JSON
import Testing

@testable import rollcall_load

@Suite struct ScenarioFileTests {
    private func words(_ text: String, with given: [String] = []) throws -> [String] {
        try ScenarioFile.words(in: try JSONValue.parse(Array(text.utf8)), with: given)
    }

    @Test func `flags become words, and a switch that is false none`() throws {
        let words = try words(
            #"{"scenario":"storm","flags":{"people":20,"resume":true,"markdown":false,"every":0.5,"#
                + #""label":"a b"}}"#)
        #expect(words == ["storm", "--people=20", "--resume", "--every=0.5", "--label=a b"])
    }

    @Test func `the command line wins`() throws {
        let text = #"{"scenario":"storm","flags":{"people":20,"rate":5}}"#
        let apart = try words(text, with: ["--people", "7"])
        let together = try words(text, with: ["--rate=9"])
        #expect(apart == ["storm", "--rate=5", "--people", "7"])
        #expect(together == ["storm", "--people=20", "--rate=9"])
    }

    @Test(arguments: [#"{}"#, #"[]"#, #"{"scenario":"a","flags":{"x":[1]}}"#])
    func `what is no scenario is refused`(text: String) {
        #expect(throws: UsageError.self) { try words(text) }
    }
}
