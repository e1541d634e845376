extension Synopsis {
    static let migrate = Synopsis(
        "migrate", summary: "bring the database schema up, down, or show where it stands",
        discussion: """
            Applies the migrations that the database does not have yet (up), takes the newest
            one back (down), or lists all with their state (status). Everything lives in the
            schema rollcall; nothing outside it is touched. `rollcall serve` does `up` itself.

            down destroys what the migration's tables hold.
            """,
        operands: ["up", "down", "status"], settings: Setting.ofDatabase,
        examples: [
            .init("rollcall migrate status", "what the private cluster has"),
            .init("DATABASE_URL=postgres://… rollcall migrate up", "before a new version starts"),
        ])
}

extension Subcommand {
    func migrate(_ run: Run) throws(Failure) -> ExitCode {
        .failure
    }
}
