import Testing

@testable import Basics

@Suite("Timestamps")
struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400, "2000-02-29T00:00:00.000Z"),
        (951_868_800, "2000-03-01T00:00:00.000Z"),
        (1_709_251_199, "2024-02-29T23:59:59.000Z"),
        (1_709_251_200, "2024-03-01T00:00:00.000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        (4_107_456_000, "2100-02-28T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.000Z"),
        (-2_203_891_200, "1900-03-01T00:00:00.000Z"),
        (-62_135_596_800, "0001-01-01T00:00:00.000Z"),
        (253_402_300_799, "9999-12-31T23:59:59.000Z"),
    ])
    func `seconds are written as a date of the Gregorian calendar`(seconds: Int64, text: String) {
        #expect(Timestamp(secondsSince1970: seconds).rfc3339 == text)
    }

    @Test(arguments: [
        (999, "1970-01-01T00:00:00.000Z"),
        (1_000, "1970-01-01T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-1_000, "1969-12-31T23:59:59.999Z"),
        (-1_001, "1969-12-31T23:59:59.998Z"),
    ])
    func `microseconds are rounded down on both sides of 1970`(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    }

    @Test
    func `durations move a timestamp by whole microseconds`() {
        let moved = Timestamp(microseconds: 10).advanced(by: .nanoseconds(2_999))
        #expect(moved == Timestamp(microseconds: 12))
        let back = Timestamp(microseconds: 10).advanced(by: .seconds(-1))
        #expect(back < Timestamp(microseconds: 10))
    }
}
