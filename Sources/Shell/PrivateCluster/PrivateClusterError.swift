/// Why the private cluster cannot be had. Each description says what to do about it.
package enum PrivateClusterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No PostgreSQL of this major version, or none new enough when nil.
    case binariesMissing(major: Int?)

    /// We are root and the user that PostgreSQL's package makes does not exist.
    case ownerMissing(user: String)

    /// PostgreSQL's user cannot get to its directory, because it may not enter `closed`.
    case unreachable(directory: String, closed: String, user: String)

    /// Something else's: another owner, or files that no cluster has.
    case notOurs(directory: String, found: String)

    /// A character that cannot be passed through `pg_ctl`, which hands its words to a shell.
    case unusablePath(String)

    case diskFull(directory: String)

    /// A program of PostgreSQL's failed; `said` is its last line.
    case failed(program: String, said: String)

    /// It neither came up nor went away within the limit.
    case stuck(doing: String, seconds: Int)

    /// The system refused; safe to try again once mended.
    case refused(path: String, reason: String)

    package var description: String {
        switch self {
        case .binariesMissing(nil):
            "found no PostgreSQL \(Binaries.oldestMajor) or newer; "
                + "install it with apt-get install postgresql, or set DATABASE_URL"
        case .binariesMissing(let major?):
            "the private cluster was made by PostgreSQL \(major), which is not installed; "
                + "install it with apt-get install postgresql-\(major)"
        case .ownerMissing(let user):
            "root may not run PostgreSQL and there is no user \(user) to run it as; "
                + "apt-get install postgresql makes one"
        case .unreachable(let directory, let closed, let user):
            "\(directory) cannot be reached by the user \(user), who runs PostgreSQL for root: "
                + "\(closed) is closed; choose another data directory, such as /var/lib/rollcall"
        case .notOurs(let directory, let found):
            "\(directory) is not a private cluster of ours: \(found)"
        case .unusablePath(let path):
            "\(path): PostgreSQL's pg_ctl cannot bear the characters \" $ ` \\ in a path"
        case .diskFull(let directory):
            "no space left on the disk of \(directory)"
        case .failed(let program, let said):
            "\(program) failed: \(said)"
        case .stuck(let doing, let seconds):
            "the private cluster is still \(doing) after \(seconds) s; see its log"
        case .refused(let path, let reason):
            "\(path): \(reason)"
        }
    }
}
