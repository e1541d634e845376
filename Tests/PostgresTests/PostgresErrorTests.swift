import Testing

@testable import Postgres

@Suite struct PostgresErrorTests {
    @Test(arguments: ["40001", "40P01", "55P03", "57014", "25006", "53300", "53100", "57P01"])
    func `a fault of the moment may be tried again`(sqlState: String) {
        let error = ServerError(sqlState: sqlState, message: "")
        #expect(error.isRetryable)
    }

    @Test(arguments: ["22021", "23505", "42P01", "22001", "54000", "XX000", "57000"])
    func `a fault of the statement may not`(sqlState: String) {
        let error = ServerError(sqlState: sqlState, message: "")
        #expect(!error.isRetryable)
    }
}
