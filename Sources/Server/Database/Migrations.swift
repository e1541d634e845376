import Postgres
import PostgresStorage

/// The schema's steps as an operator's command runs them: blocking, with failures in one line.
struct Migrations {
    let connectionString: String

    /// The names of the steps that were applied; empty when there was nothing to do.
    func up() throws(Failure) -> [String] {
        try run { $0.up(completion: $1) }
    }

    /// The names of the steps that were taken back, newest first.
    func down() throws(Failure) -> [String] {
        try run { $0.down(completion: $1) }
    }

    func status() throws(Failure) -> [Migrator.Status] {
        try run { $0.status(completion: $1) }
    }

    func seedDemo() throws(Failure) {
        try run { $0.seedDemo(completion: $1) }
    }

    private func run<Value>(
        _ step: (Migrator, @escaping Migrator.Completion<Value>) -> Void
    ) throws(Failure) -> Value {
        let options = PostgresOptions(
            address: connectionString, applicationName: "rollcall migrate")
        let result: Result<Value, MigrationError> = answer { loop, completion in
            let migrator = Migrator(loop: loop, options: options)
            step(migrator, completion)
            return migrator.close
        }
        switch result {
        case .success(let value): return value
        case .failure(.unreachable(let reason)):
            throw .unavailable("cannot reach the database: \(reason.onOneLine)")
        case .failure(let error):
            throw Failure(line: error.message.onOneLine, code: .failure)
        }
    }
}
