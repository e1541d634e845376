/// The settings of ours that PostgreSQL reads, written anew before every start, since the
/// directory may have moved in between.
///
/// Everything that makes a commit durable keeps PostgreSQL's default.
enum ClusterSettings {
    static let fileName = "rollcall.conf"

    /// The line that makes PostgreSQL read ours after its own.
    static let include = "include_if_exists = '\(fileName)'\n"

    static func text(socketDirectory: String) -> String {
        """
        # Written by rollcall before every start; change postgresql.conf instead.
        listen_addresses = ''
        port = \(ClusterLayout.port)
        unix_socket_directories = \(quoted(socketDirectory))
        unix_socket_permissions = 0700
        timezone = 'UTC'
        log_timezone = 'UTC'

        """
    }

    /// A libpq connection string for the superuser that `initdb` made.
    ///
    /// The database is PostgreSQL's own `postgres`: all of ours lives in one schema, so a
    /// database of its own would only add a step that can fail half way.
    static func connectionString(socketDirectory: String, port: Int) -> String {
        let escaped = socketDirectory.reduce(into: "") { text, character in
            if character == "'" || character == "\\" { text.append("\\") }
            text.append(character)
        }
        return "host='\(escaped)' port=\(port) user=\(superuser) dbname=postgres"
    }

    static let superuser = "rollcall"

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            + "'"
    }
}
