extension Synopsis {
    static let seed = Synopsis(
        "seed", summary: "load demo people and courses",
        discussion: """
            Loads demo people, courses and enrolments, so that there is something to talk in,
            after bringing the schema up to date. May be repeated: what is there stays.
            Refuses when the server is set to listen beyond loopback, because the demo
            people's tokens are handed out to anybody.
            """,
        settings: [.listen] + Setting.ofDatabase,
        examples: [.init("rollcall seed", "into the private cluster")])
}

extension Subcommand {
    func seed(_ run: Run) throws(Failure) -> ExitCode {
        let listen = try run.settings.listen()
        guard listen.isLoopback else {
            throw .configuration(
                "seed: found a server that listens on \(listen), expected a loopback address: "
                    + "demo people's tokens are for anybody")
        }
        return try run.withDatabase { connectionString throws(Failure) in
            let migrations = Migrations(connectionString: connectionString)
            _ = try migrations.up()
            try migrations.seedDemo()
            run.console.out("demo people and courses are there")
            return .success
        }
    }
}
