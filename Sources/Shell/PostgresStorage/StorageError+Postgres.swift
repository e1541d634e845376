import Postgres
import Resume

extension StorageError {
    /// What a failed statement means to the ports, when nothing of it was stored.
    init(_ error: PostgresError) {
        switch error {
        case .notConnected, .connectionLost: self = .unavailable
        case .server(let error) where error.isRetryable: self = .unavailable
        // Only the code: the message may quote what somebody wrote.
        case .server(let error): self = .rejected("the database answered \(error.sqlState)")
        }
    }
}

extension Result<PostgresRows, PostgresError> {
    /// The answer of a statement that stores nothing or may be repeated, in the ports' terms.
    func storage<Value>(
        _ read: (PostgresRows) throws(StorageError) -> Value
    ) -> Result<Value, StorageError> {
        switch self {
        case .failure(let error):
            return .failure(StorageError(error))
        case .success(let rows):
            do throws(StorageError) {
                return .success(try read(rows))
            } catch {
                return .failure(error)
            }
        }
    }
}
