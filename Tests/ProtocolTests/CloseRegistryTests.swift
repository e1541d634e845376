import Hub
import JSON
import Testing
import WebSocket

@Suite struct `closes.json` {
    @Test func `every way the server ends a connection is published`() throws {
        let published = try Registry.entries("closes.json").map { entry in
            "\(entry["code"]?.integer ?? 0) \(entry["name"]?.string ?? "")"
        }
        #expect(published == CloseReason.allCases.map { "\($0.rawValue) \($0.name)" })
    }

    @Test func `every close says what it means and what a client does`() throws {
        for entry in try Registry.entries("closes.json") {
            for field in ["meaning", "client"] {
                let sentence = entry[field]?.string ?? ""
                #expect(sentence.hasSuffix("."), "\(entry["name"]?.string ?? "?"), \(field)")
            }
        }
    }

    /// Clients that do not know a code go by its band (Protocol/README.md §9).
    @Test func `the code's band says whether to come back`() throws {
        for entry in try Registry.entries("closes.json") {
            let code = try #require(entry["code"]?.integer)
            #expect(entry["comeBack"]?.bool == (code < 4_500), "\(code)")
            #expect(code != 1_000, "phoenix.js would not come back")
        }
    }

    @Test func `a broken frame closes with a published code`() {
        let published = Set(CloseReason.allCases.map(\.rawValue))
        for error in ProtocolError.allCases {
            #expect(published.contains(error.closeCode.rawValue), "\(error)")
        }
    }
}
