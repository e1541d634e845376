import Basics
import Postgres
import PostgresStorage
import PrivateCluster

/// Looks at the database, without starting a private cluster that is not running.
struct DatabaseCheckup {
    let configuration: ServeConfiguration

    func findings() -> [Finding] {
        switch configuration.database {
        case .external(let connectionString):
            return findings(of: connectionString)
        case .privateCluster:
            do {
                return try findingsOfCluster()
            } catch {
                return [.mend("private cluster: \(error)", "mend that, then start again")]
            }
        }
    }

    private func findingsOfCluster() throws(PrivateClusterError) -> [Finding] {
        let directory: String
        do {
            directory = try File.resolve(configuration.dataDirectory)
        } catch {
            return [try absent()]
        }
        switch try PrivateCluster.presence(in: directory) {
        case .absent: return [try absent()]
        case .stopped: return [.well("private cluster: stopped, is started with the server")]
        case .running(let connectionString):
            return [.well("private cluster: running")] + findings(of: connectionString)
        }
    }

    private func absent() throws(PrivateClusterError) -> Finding {
        let major = try PrivateCluster.installedMajor()
        return .well(
            "private cluster: not there yet, is made at the first start by PostgreSQL \(major)")
    }

    private func findings(of connectionString: String) -> [Finding] {
        switch DatabaseFacts.ask(connectionString) {
        case .success(let facts):
            return [.well("database: reachable")] + facts.findings
                + [migrations(of: connectionString)]
        case .failure(let error):
            let reason =
                switch error {
                case .notConnected(let reason): reason.onOneLine
                case .connectionLost: "the connection was lost"
                case .server(let refused): "\(refused.message.onOneLine) (\(refused.sqlState))"
                }
            return [.mend("database: \(reason)", "start it, or mend --database or DATABASE_URL")]
        }
    }

    private func migrations(of connectionString: String) -> Finding {
        do {
            let missing = try Migrations(connectionString: connectionString).status()
                .filter { !$0.isApplied }
                .map(\.name)
            guard missing.isEmpty else {
                return .mend(
                    "migrations: \(missing.joined(separator: ", ")) missing",
                    "rollcall migrate up, or start the server, which does the same")
            }
            return .well("migrations: all applied")
        } catch {
            return .mend("migrations: \(error.line)", "run the rollcall that made the schema")
        }
    }
}
