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

    @Test func `each server has a line, with its ratio to the first`() throws {
        let base = [try run("bare: nothing else", cpu: 4, verdict: "passed")]
        let other = [
            try run("other 1.0", cpu: 5, verdict: "passed"),
            try run("other 1.0", cpu: 7, verdict: "target missed"),
        ]
        let lines = PeerTable.table([base, other]).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[2].hasPrefix("| bare: nothing else | 1 | 4.000 | 1.000 |"))
        #expect(lines[3].hasPrefix("| other 1.0 | 2 | 6.000 | 1.500 |"))
    }

    @Test func `invalid runs are told, and used only when there is nothing else`() throws {
        let base = [try run("bare", cpu: 4, verdict: "invalid")]
        let other = [
            try run("other", cpu: 5, verdict: "passed"),
            try run("other", cpu: 70, verdict: "invalid"),
        ]
        let lines = PeerTable.table([base, other]).split(separator: "\n")
        #expect(lines[2].hasPrefix("| bare | 1, 1 invalid | 4.000 | 1.000 |"))
        #expect(lines[3].hasPrefix("| other | 2, 1 invalid | 5.000 | 1.250 |"))
    }
}
