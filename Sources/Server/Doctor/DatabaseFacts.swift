import Postgres
import PostgresStorage

/// What a database says about itself.
struct DatabaseFacts: Hashable, Sendable {
    /// Such as 150020 for 15.20.
    let version: Int32
    let fsync: String
    let synchronousCommit: String
    let fullPageWrites: String
    let maxConnections: Int32
    let encoding: String

    /// Asks the database; nothing is changed.
    static func ask(_ connectionString: String) -> Result<DatabaseFacts, PostgresError> {
        let options = PostgresOptions(address: connectionString, applicationName: "rollcall doctor")
        return answer { loop, completion in
            let connection = PostgresConnection(loop: loop, options: options) { _ in }
            connection.execute(question) { result in
                completion(result.map(DatabaseFacts.init))
            }
            return connection.close
        }
    }

    private static let question = PostgresStatement(
        "doctor",
        """
        select current_setting('server_version_num')::int4, current_setting('fsync'),
               current_setting('synchronous_commit'), current_setting('full_page_writes'),
               current_setting('max_connections')::int4, current_setting('server_encoding')
        """)
}

extension DatabaseFacts {
    fileprivate init(_ rows: PostgresRows) {
        version = rows.int4(0, 0)
        fsync = rows.text(0, 1)
        synchronousCommit = rows.text(0, 2)
        fullPageWrites = rows.text(0, 3)
        maxConnections = rows.int4(0, 4)
        encoding = rows.text(0, 5)
    }

    /// The oldest that the schema is tested with.
    static let oldestVersion: Int32 = 150_000

    /// For each of two servers some ten connections (writers by loop, readers, the drainer, the
    /// tail), as many again for the platform, and PostgreSQL's own reserve.
    static let enoughConnections: Int32 = 50

    /// One finding for each thing that a promise of ours rests on.
    var findings: [Finding] {
        let shown = "\(version / 10_000).\(version % 10_000)"
        return [
            version >= DatabaseFacts.oldestVersion
                ? .well("PostgreSQL \(shown)")
                : .mend("PostgreSQL \(shown): older than 15", "upgrade it to 15 or newer"),
            encoding == "UTF8"
                ? .well("encoding: UTF8")
                : .mend("encoding: \(encoding)", "make a database with ENCODING 'UTF8'"),
            durability("fsync", fsync, wanted: ["on"]),
            durability("full_page_writes", fullPageWrites, wanted: ["on"]),
            durability(
                "synchronous_commit", synchronousCommit, wanted: ["on", "remote_apply"]),
            maxConnections >= DatabaseFacts.enoughConnections
                ? .well("max_connections: \(maxConnections)")
                : .mend(
                    "max_connections: \(maxConnections)",
                    "set it to \(DatabaseFacts.enoughConnections) or more and restart PostgreSQL"),
        ]
    }

    private func durability(_ name: String, _ value: String, wanted: [String]) -> Finding {
        guard !wanted.contains(value) else { return .well("\(name): \(value)") }
        return .mend(
            "\(name): \(value), so that a crash may lose what was acknowledged",
            "set it to \(wanted.listed)")
    }
}
