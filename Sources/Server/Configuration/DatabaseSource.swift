/// Which PostgreSQL a command works on.
enum DatabaseSource: Hashable, Sendable {
    /// One that somebody else runs, by libpq's connection string.
    case external(String)

    /// One that Rollcall runs itself, in the data directory.
    case privateCluster
}
