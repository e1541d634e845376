import JSON
import Testing

@Suite("JSON error")
struct JSONErrorTests {
    @Test func `every error has a reason of its own`() {
        let reasons = Set(JSONError.allCases.map(\.reason))
        #expect(reasons.count == JSONError.allCases.count)
    }
}
