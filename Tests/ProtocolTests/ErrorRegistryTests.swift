import JSON
import RoomContract
import Testing

@Suite struct `errors.json` {
    @Test func `every error of the server is published with its number, name and kind`() throws {
        let published = try Registry.entries("errors.json").map { entry in
            "\(entry["code"]?.integer ?? 0) \(entry["name"]?.string ?? "")"
                + " \(entry["temporary"]?.bool.map(String.init) ?? "?")"
        }
        let built = ErrorCode.allCases.map { "\($0.rawValue) \($0.name) \($0.isTemporary)" }
        #expect(published == built)
    }

    @Test func `every error says what it means and what a client does`() throws {
        for entry in try Registry.entries("errors.json") {
            for field in ["meaning", "client"] {
                let sentence = entry[field]?.string ?? ""
                #expect(sentence.hasSuffix("."), "\(entry["name"]?.string ?? "?"), \(field)")
            }
        }
    }

    @Test func `names are unique, and the number's band says whether to try again`() throws {
        #expect(Set(ErrorCode.allCases.map(\.name)).count == ErrorCode.allCases.count)
        for code in ErrorCode.allCases {
            #expect((1_000..<3_000).contains(code.rawValue), "\(code)")
            #expect(code.isTemporary == (code.rawValue >= 2_000), "\(code)")
        }
    }
}
