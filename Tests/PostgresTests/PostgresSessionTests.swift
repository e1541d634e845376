import Testing

@testable import Postgres

@Suite struct PostgresSessionTests {
    @Test func `the wait doubles from 50 ms up to 3.2 s`() {
        let waits = (0..<9).map { PostgresSession.delay(afterFailures: $0, jitter: 0) }
        let expected = [50, 100, 200, 400, 800, 1_600, 3_200, 3_200, 3_200]
        #expect(waits == expected.map { .milliseconds($0) })
    }

    @Test func `chance takes off up to half of the wait`() {
        let shortest = PostgresSession.delay(afterFailures: 0, jitter: 1)
        #expect(shortest == .milliseconds(25))
    }
}
