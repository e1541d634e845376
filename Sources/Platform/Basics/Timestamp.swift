/// A moment of civil time: microseconds since 1970-01-01T00:00:00Z, PostgreSQL's own resolution.
package struct Timestamp: Comparable, Hashable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package init(secondsSince1970 seconds: Int64) {
        self.init(microseconds: seconds * 1_000_000)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The moment `duration` later; earlier for a negative one.
    package func advanced(by duration: Duration) -> Timestamp {
        Timestamp(microseconds: microseconds + duration.inNanoseconds / 1_000)
    }

    /// RFC 3339 in UTC with milliseconds, such as `2026-11-20T09:42:54.120Z`.
    ///
    /// Milliseconds, because that is what a browser's `Date` keeps; positions, not times,
    /// order messages.
    package var rfc3339: String {
        let milliseconds = microseconds.flooredQuotient(1_000)
        let days = milliseconds.flooredQuotient(86_400_000)
        let ofDay = milliseconds - days * 86_400_000
        let (year, month, day) = Timestamp.civil(fromDays: days)
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let hour = padded(ofDay / 3_600_000, 2)
        let minute = padded(ofDay / 60_000 % 60, 2)
        let second = padded(ofDay / 1_000 % 60, 2)
        return "\(date)T\(hour):\(minute):\(second).\(padded(ofDay % 1_000, 3))Z"
    }

    /// Days since 1970 to a Gregorian date (H. Hinnant, "chrono-compatible low-level date
    /// algorithms", `civil_from_days`).
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    /// Division that rounds towards negative infinity, so that times before 1970 stay correct.
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
