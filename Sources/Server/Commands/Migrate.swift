import PostgresStorage

extension Synopsis {
    static let migrate = Synopsis(
        "migrate", summary: "bring the database schema up, down, or show where it stands",
        discussion: """
            Applies the migrations that the database does not have yet (up), lists all with
            their state (status), or takes all of them back (down). Everything lives in the
            schema rollcall; nothing outside it is touched. `rollcall serve` does `up` itself.

            down destroys everything that was ever said: it removes the schema.
            """,
        operands: ["up", "down", "status"], settings: Setting.ofDatabase,
        examples: [
            .init("rollcall migrate status", "what the private cluster has"),
            .init("DATABASE_URL=postgres://… rollcall migrate up", "before a new version starts"),
        ])
}

extension Subcommand {
    func migrate(_ run: Run) throws(Failure) -> ExitCode {
        try run.withDatabase { connectionString throws(Failure) in
            let migrations = Migrations(connectionString: connectionString)
            switch run.settings.arguments.operand {
            case "up":
                list(try migrations.up(), "applied", on: run.console)
            case "down":
                list(try migrations.down(), "taken back", on: run.console)
            case _:
                for step in try migrations.status() {
                    run.console.out("\(step.isApplied ? "applied" : "missing")  \(step.name)")
                }
            }
            return .success
        }
    }

    private func list(_ names: [String], _ verb: String, on console: Console) {
        if names.isEmpty { console.out("nothing to do") }
        for name in names { console.out("\(verb)  \(name)") }
    }
}
