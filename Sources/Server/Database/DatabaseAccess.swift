import PrivateCluster

/// The database a command works on, kept alive while the command needs it.
///
/// For a private cluster this is membership: ``leave(telling:)`` stops the cluster when nobody
/// else uses it. Not for use from several threads.
final class DatabaseAccess {
    /// For libpq.
    let connectionString: String

    private let cluster: PrivateCluster?

    /// May take seconds: a private cluster is made and started if need be.
    init(
        _ source: DatabaseSource, dataDirectory: String, asRoot isRoot: Bool,
        telling progress: (String) -> Void
    ) throws(Failure) {
        switch source {
        case .external(let text):
            connectionString = text
            cluster = nil
        case .privateCluster:
            let directory = try DataDirectory.prepare(dataDirectory, asRoot: isRoot)
            do {
                let cluster = try PrivateCluster(in: directory, progress: progress)
                connectionString = cluster.connectionString
                self.cluster = cluster
            } catch {
                throw .unavailable("private cluster: \(error)")
            }
        }
    }

    /// May take seconds, and may be repeated.
    func leave(telling progress: (String) -> Void) throws(Failure) {
        do {
            try cluster?.leave(progress: progress)
        } catch {
            throw .unavailable("private cluster: \(error)")
        }
    }
}

extension Run {
    /// Opens the configured database for `body`, and leaves it whatever `body` does.
    func withDatabase<Value>(
        _ body: (_ connectionString: String) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let progress = { (line: String) in console.error("rollcall: \(line)") }
        let access = try DatabaseAccess(
            try settings.database(),
            dataDirectory: try settings.dataDirectory(asRoot: isRoot), asRoot: isRoot,
            telling: progress)
        let value: Value
        do throws(Failure) {
            value = try body(access.connectionString)
        } catch {
            // The first failure is the one to tell.
            do { try access.leave(telling: progress) } catch { progress(error.line) }
            throw error
        }
        try access.leave(telling: progress)
        return value
    }
}
