import Glibc

/// Where the programs of one installed PostgreSQL are.
struct Binaries: Hashable, Sendable {
    let directory: String
    let major: Int

    /// The oldest that the schema is tested with: Debian 12's.
    static let oldestMajor = 15

    /// Far beyond what exists; only bounds the search.
    private static let newestMajor = 99

    /// The newest one installed, or the one that made an existing cluster: a data directory can
    /// only be opened by the major version that made it.
    ///
    /// Debian's own places come first, then `search`, which is PATH's form.
    static func find(
        major wanted: Int?, debian: String = "/usr/lib/postgresql",
        search: String = defaultSearch
    ) throws(PrivateClusterError) -> Binaries {
        for major in (oldestMajor...newestMajor).reversed() where wanted ?? major == major {
            let directory = "\(debian)/\(major)/bin"
            if holdsServer(directory) { return Binaries(directory: directory, major: major) }
        }
        for directory in search.split(separator: ":").map(String.init) {
            guard holdsServer(directory), let major = try version(of: directory) else { continue }
            if major >= oldestMajor, wanted ?? major == major {
                return Binaries(directory: directory, major: major)
            }
        }
        throw .binariesMissing(major: wanted)
    }

    func path(_ program: String) -> String { "\(directory)/\(program)" }

    static var defaultSearch: String {
        getenv("PATH").map { String(cString: $0) } ?? ""
    }

    private static func holdsServer(_ directory: String) -> Bool {
        ["initdb", "pg_ctl", "postgres"].allSatisfy { access("\(directory)/\($0)", X_OK) == 0 }
    }

    /// Reads `postgres (PostgreSQL) 15.20 (Debian …)`.
    private static func version(of directory: String) throws(PrivateClusterError) -> Int? {
        let outcome = try Program("\(directory)/postgres", ["--version"]).run()
        let words = outcome.output.split(separator: " ")
        guard outcome.succeeded, words.count >= 3 else { return nil }
        return Int(words[2].prefix { $0.isNumber })
    }
}
