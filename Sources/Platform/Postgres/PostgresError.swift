/// Why a statement has no result, and what is known about its effects.
package enum PostgresError: Error, Sendable, Equatable {
    /// No connection could be made, or none exists at the moment; the statement was not sent.
    /// The text is libpq's, for the log.
    case notConnected(String)
    /// The connection ended while the statement was under way. It may have been carried out.
    case connectionLost
    /// The server refused the statement and rolled it back; the connection goes on.
    case server(ServerError)
}

/// An error response of severity ERROR (PostgreSQL, "Error and Notice Message Fields").
package struct ServerError: Error, Sendable, Equatable {
    /// Five characters (PostgreSQL, appendix A).
    package let sqlState: String
    /// The primary message. It may quote values: never send it to a client.
    package let message: String

    package init(sqlState: String, message: String) {
        self.sqlState = sqlState
        self.message = message
    }

    /// True when the same statement may succeed later: the fault was the moment's.
    package var isRetryable: Bool {
        switch sqlState {
        case "40001", "40P01", "55P03", "57014", "25006": true
        // Serialization failure, deadlock, lock not available, cancelled (statement_timeout),
        // and a server that is read-only because it is a standby.
        default: sqlState.hasPrefix("53") || sqlState.hasPrefix("57P")
        // Too few resources; shutting down or starting up.
        }
    }
}
