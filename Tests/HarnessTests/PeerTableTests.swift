import JSON
import Testing

@testable import rollcall_load

@Suite struct PeerTableTests {
    private func run(_ label: String, cpu: Double, verdict: String) throws -> JSONValue {
        try JSONValue.parse(
            Array(
                (#"{"label":"\#(label)","verdict":"\#(verdict)","#
                    + #""metrics":{"cpu_s_per_million":\#(cpu)}}"#).utf8))
    }

    @Test func `each server has a line, its ratio to the first, and its invalid runs`() throws {
        let base = [try run("bare: nothing else", cpu: 4, verdict: "passed")]
        let other = [
            try run("other 1.0", cpu: 5, verdict: "passed"),
            try run("other 1.0", cpu: 7, verdict: "invalid"),
        ]
        let lines = PeerTable.table([base, other]).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[2].hasPrefix("| bare: nothing else | 1 | 4.000 | 1.000 |"))
        #expect(lines[3].hasPrefix("| other 1.0 | 2, 1 invalid | 6.000 | 1.500 |"))
    }
}
