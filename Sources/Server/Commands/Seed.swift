extension Synopsis {
    static let seed = Synopsis(
        "seed", summary: "load demo people and courses",
        discussion: """
            Loads demo people, courses and enrolments, so that there is something to talk in.
            May be repeated: what is there stays. Refuses when the server is set to listen
            beyond loopback, because the demo people's tokens are handed out to anybody.
            """,
        settings: [.listen] + Setting.ofDatabase,
        examples: [.init("rollcall seed", "into the private cluster")])
}

extension Subcommand {
    func seed(_ run: Run) throws(Failure) -> ExitCode {
        .failure
    }
}
