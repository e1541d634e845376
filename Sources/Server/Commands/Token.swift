import Basics
import Crypto
import Glibc
import JSON

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
                "rollcall token --sub billing --service \"broadcast metrics\" --ttl 7d",
                "for a backend that broadcasts over HTTP and reads the metrics"),
        ])
}

extension Subcommand {
    func token(_ run: Run) throws(Failure) -> ExitCode {
        let request = try TokenRequest(run.settings)
        let dataDirectory = try run.settings.dataDirectory(asRoot: run.isRoot)
        let source = try run.settings.secretSource(in: dataDirectory)
        // The server may not have run yet: it will find the secret that this makes.
        if case .generated = source {
            _ = try DataDirectory.prepare(dataDirectory, asRoot: run.isRoot)
        }
        let secret = try JWTSecret.load(source)
        let now = Int64(time(nil))
        do {
            run.console.out(try TokenSigner(secret: secret).sign(request.claims(at: now)))
        } catch {
            throw .configuration("JWT secret: \(error.text)")
        }
        return .success
    }
}
