import Testing

@testable import rollcall

@Suite("Lifetime of a token")
struct LifetimeTests {
    @Test(arguments: [
        ("30s", 30), ("15m", 900), ("1h", 3_600), ("7d", 604_800), ("366d", 31_622_400),
    ])
    func `a number and a unit`(text: String, seconds: Int64) {
        let lifetime = Lifetime(text)
        #expect(lifetime?.seconds == seconds)
    }

    @Test(arguments: [
        "", "s", "1", "0s", "-1h", "+1h", "1.5h", "1w", " 1h", "1h ", "367d",
        "9223372036854775807d", "99999999999999999999s", "31622401s",
    ])
    func `anything else, nothing and too long are refused`(text: String) {
        let lifetime = Lifetime(text)
        #expect(lifetime == nil)
    }
}
