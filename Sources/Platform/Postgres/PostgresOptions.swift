import CLibpq

/// Where and how to connect.
package struct PostgresOptions: Sendable {
    /// A URI or `key=value` pairs (libpq, "Connection Strings").
    package var address: String
    /// What the operator sees in `pg_stat_activity`.
    package var applicationName: String
    /// SQL run before anything else on every connection, such as `set` and `listen` commands.
    package var preamble = ""
    /// How long a connection may take. 5 seconds: three lost packets, and short enough that an
    /// operator who waits at a prompt sees why.
    package var connectTimeout: Duration = .seconds(5)
    /// How long one statement may take before the connection counts as lost. 60 seconds, well
    /// above every `statement_timeout`; it is for a server that is there and does not answer.
    package var answerTimeout: Duration = .seconds(60)

    package init(address: String, applicationName: String) {
        self.address = address
        self.applicationName = applicationName
    }

    /// The keepalives notice a silent peer in 25 s, the user timeout one that stops
    /// acknowledging in 15 s: a writer that waits for neither could wait for hours.
    func startConnecting() -> OpaquePointer? {
        let parameters = [
            ("dbname", address),
            ("application_name", applicationName),
            ("client_encoding", "UTF8"),
            ("keepalives", "1"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "15000"),
        ]
        return withCStrings(parameters.map(\.0)) { keywords in
            withCStrings(parameters.map(\.1)) { values in
                // 1: the value of dbname is expanded when it is a whole connection string.
                PQconnectStartParams(keywords, values, 1)
            }
        }
    }
}

/// Lends the texts as a null-terminated array of C strings for the length of the call.
private func withCStrings<Value>(
    _ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> Value
) -> Value {
    var starts: [Int] = []
    var memory: [CChar] = []
    for text in texts {
        starts.append(memory.count)
        memory += text.utf8CString
    }
    return memory.withUnsafeBufferPointer { memory in
        body(starts.map { memory.baseAddress?.advanced(by: $0) } + [nil])
    }
}
