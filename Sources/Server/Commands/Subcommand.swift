/// The subcommands; one file each beside this one.
enum Subcommand: String, CaseIterable, Sendable {
    case serve, migrate, seed, token, doctor

    var synopsis: Synopsis {
        switch self {
        case .serve: .serve
        case .migrate: .migrate
        case .seed: .seed
        case .token: .token
        case .doctor: .doctor
        }
    }

    func run(_ run: Run) throws(Failure) -> ExitCode {
        switch self {
        case .serve: try serve(run)
        case .migrate: try migrate(run)
        case .seed: try seed(run)
        case .token: try token(run)
        case .doctor: try doctor(run)
        }
    }
}
