extension Synopsis {
    static let token = Synopsis(
        "token", summary: "print an access token signed with the configured secret",
        discussion: """
            Prints a JSON Web Token (HS256) for trying things and for scripts of yours. It says
            who, for how long, and for a backend with --service what it may do; what a person
            may do is in the database. A production platform signs its own tokens, with the
            same secret or with keys named by --jwks.

            A token cannot be called back: keep --ttl short.
            """,
        settings: TokenRequest.settings,
        examples: [
            .init("rollcall token --sub ana", "for the person ana, for an hour"),
            .init(
                "rollcall token --sub billing --service \"broadcast publish\" --ttl 7d",
                "for a backend that publishes over HTTP"),
        ])
}

extension Subcommand {
    func token(_ run: Run) throws(Failure) -> ExitCode {
        .failure
    }
}
