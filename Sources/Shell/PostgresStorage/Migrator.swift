package import EventLoop
package import Postgres

/// Brings a database's schema up to date, or away.
///
/// One at a time per database: an advisory lock of the connection keeps a second one waiting.
/// Each step is a transaction together with its row in `rollcall.migrations`, so a failure
/// leaves the steps before it done and the failed one undone.
package final class Migrator {
    /// Hears the outcome once, on the loop.
    package typealias Completion<Value> = (Result<Value, MigrationError>) -> Void

    /// What is known about one step.
    package struct Status: Sendable, Equatable {
        package let version: Int
        package let name: String
        package let isApplied: Bool
    }

    private let connection: PostgresConnection

    /// Connects with `options`; ``close()`` it after use.
    package init(loop: EventLoop, options: PostgresOptions) {
        var options = options
        // A step may wait for locks or rewrite a table: only the operator decides it is too long.
        options.answerTimeout = .seconds(24 * 3_600)
        connection = PostgresConnection(loop: loop, options: options) { _ in }
    }

    /// Ends the connection; what is under way is undone by the database.
    package func close() {
        connection.close()
    }

    /// Applies what is missing; answers the names of the steps it applied.
    package func up(completion: @escaping Completion<[String]>) {
        run(Migrator.lock + Migrator.bookkeeping, completion) { [self] in
            readApplied(completion) { [self] applied in
                if let error = Migrator.fault(in: applied) {
                    completion(.failure(error))
                    return
                }
                let missing = Migration.all.filter { applied[$0.version] == nil }
                runAll(missing.map(Migrator.applying), completion) {
                    completion(.success(missing.map(\.name)))
                }
            }
        }
    }

    /// Removes everything: all entries, people and settings, and the schema `rollcall` itself.
    package func down(completion: @escaping Completion<[String]>) {
        run(Migrator.lock + Migrator.bookkeeping, completion) { [self] in
            readApplied(completion) { [self] applied in
                if let error = Migrator.fault(in: applied) {
                    completion(.failure(error))
                    return
                }
                let present = Migration.all.filter { applied[$0.version] != nil }.reversed()
                let scripts = present.map(Migrator.undoing) + [Migrator.farewell]
                runAll(scripts, completion) { completion(.success(present.map(\.name))) }
            }
        }
    }

    /// Every step this program knows, in order, without changing anything.
    package func status(completion: @escaping Completion<[Status]>) {
        connection.execute(Migrator.hasBookkeeping) { [self] result in
            switch result {
            case .failure(let error): completion(.failure(MigrationError(error)))
            case .success(let rows) where !rows.bool(0, 0):
                completion(.success(Migrator.statuses(applied: [:])))
            case .success:
                readApplied(completion) { applied in
                    completion(.success(Migrator.statuses(applied: applied)))
                }
            }
        }
    }

    /// Loads the demo people and courses. Loading them again changes nothing.
    package func seedDemo(completion: @escaping Completion<Void>) {
        run(Migration.demo, completion) { completion(.success(())) }
    }

    // MARK: Steps

    private func run<Value>(
        _ script: String, _ completion: @escaping Completion<Value>, then next: @escaping () -> Void
    ) {
        connection.run(script: script) { result in
            switch result {
            case .success: next()
            case .failure(let error): completion(.failure(MigrationError(error)))
            }
        }
    }

    private func runAll<Value>(
        _ scripts: [String], _ completion: @escaping Completion<Value>,
        then next: @escaping () -> Void
    ) {
        guard let first = scripts.first else {
            next()
            return
        }
        run(first, completion) { [self] in
            runAll(Array(scripts.dropFirst()), completion, then: next)
        }
    }

    /// The checksum of each applied version.
    private func readApplied<Value>(
        _ completion: @escaping Completion<Value>, then next: @escaping ([Int32: String]) -> Void
    ) {
        connection.execute(Migrator.applied) { result in
            switch result {
            case .failure(let error): completion(.failure(MigrationError(error)))
            case .success(let rows):
                var applied: [Int32: String] = [:]
                for row in 0..<rows.count {
                    applied[rows.int4(row, 0)] = rows.text(row, 1)
                }
                next(applied)
            }
        }
    }

    private static func fault(in applied: [Int32: String]) -> MigrationError? {
        for migration in Migration.all {
            guard let checksum = applied[migration.version] else { continue }
            if checksum != migration.checksum { return .edited(migration.name) }
        }
        let known = Set(Migration.all.map { $0.version })
        return applied.keys.sorted().first { !known.contains($0) }.map { .newer(Int($0)) }
    }

    private static func statuses(applied: [Int32: String]) -> [Status] {
        Migration.all.map { migration in
            Status(
                version: Int(migration.version), name: migration.name,
                isApplied: applied[migration.version] != nil)
        }
    }

    // MARK: SQL

    /// Any number will do, so long as every migrator of a database uses the same.
    private static let lock = "select pg_advisory_lock(7810774831);"

    private static let bookkeeping = """
        create schema if not exists rollcall;
        create table if not exists rollcall.migrations (
            version    int primary key,
            name       text not null,
            checksum   text not null,
            applied_at timestamptz not null default now()
        );
        """

    private static let farewell = "drop table rollcall.migrations; drop schema rollcall;"

    private static let hasBookkeeping = PostgresStatement(
        "has_bookkeeping", "select to_regclass('rollcall.migrations') is not null")

    private static let applied = PostgresStatement(
        "applied_migrations", "select version, checksum from rollcall.migrations")

    /// Names and checksums are our own and need no quoting.
    private static func applying(_ migration: Migration) -> String {
        """
        begin;
        \(migration.up)
        insert into rollcall.migrations (version, name, checksum)
        values (\(migration.version), '\(migration.name)', '\(migration.checksum)');
        commit;
        """
    }

    private static func undoing(_ migration: Migration) -> String {
        """
        begin;
        \(migration.down)
        delete from rollcall.migrations where version = \(migration.version);
        commit;
        """
    }
}

/// Why the schema is not as asked.
package enum MigrationError: Error, Sendable, Equatable {
    /// The database cannot be reached; the text is libpq's.
    case unreachable(String)
    /// The database refused a step; the text is its own.
    case refused(String)
    /// A step that was applied differs from this program's: the program was built from an
    /// edited file.
    case edited(String)
    /// The database has a step that this program does not know: it belongs to a newer one.
    case newer(Int)

    init(_ error: PostgresError) {
        switch error {
        case .notConnected(let reason): self = .unreachable(reason)
        case .connectionLost: self = .unreachable("the connection was lost")
        case .server(let error): self = .refused("\(error.message) (\(error.sqlState))")
        }
    }

    /// For the operator, in one line.
    package var message: String {
        switch self {
        case .unreachable(let reason): "cannot reach the database: \(reason)"
        case .refused(let reason): "the database refused a migration: \(reason)"
        case .edited(let name): "migration \(name) was applied in another form than this one"
        case .newer(let version): "the database has migration \(version), made by a newer rollcall"
        }
    }
}
