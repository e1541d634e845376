extension Synopsis {
    static let serve = Synopsis(
        "serve", summary: "run the server",
        discussion: """
            Runs the server until SIGTERM or SIGINT, which drain it: clients are told to come
            back, and the exit code is 0. What they sent and nobody acknowledged they send
            again, with the same client_id, and it is stored once.

            Without a database it starts a private PostgreSQL cluster in the data directory and
            brings its schema up to date. Several servers may share one data directory; the
            last one to leave stops the cluster. A server killed with -9 leaves the cluster
            running, and the next one takes it over.
            """,
        settings: ServeConfiguration.settings,
        examples: [
            .init("rollcall serve --demo", "try it: private cluster, demo people, 127.0.0.1:4000"),
            .init(
                "DATABASE_URL=postgres://app@db/app rollcall serve --listen 0.0.0.0:4000",
                "in production, beside a database of yours"),
        ])
}

extension Subcommand {
    func serve(_ run: Run) throws(Failure) -> ExitCode {
        let configuration = try ServeConfiguration(run.settings, asRoot: run.isRoot)
        return try Server(
            configuration: configuration, console: run.console, isRoot: run.isRoot
        ).run()
    }
}
