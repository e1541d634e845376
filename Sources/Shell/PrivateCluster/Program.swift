import EventLoop
import Glibc

/// A program of somebody else's, run to its end.
///
/// It gets a bare environment, so that no `PG…` variable of the caller leads it elsewhere, and
/// `/` as its directory, because PostgreSQL's programs stop when they may not return to where
/// they were started.
struct Program {
    struct Outcome: Sendable {
        let succeeded: Bool

        /// Standard output and then standard error, of each at most the last
        /// ``Program/longestOutput`` bytes.
        let output: String

        /// What people want to see: a program says last why it gave up.
        var lastLine: String {
            output.split(separator: "\n").last.map(String.init) ?? "it said nothing"
        }
    }

    private let path: String
    private let arguments: [String]

    /// An error report of PostgreSQL's has a few lines; more only buries the reason.
    static let longestOutput = 16 << 10

    /// `initdb` on a slow disk takes a minute, `pg_ctl` gives up by itself after one.
    static let longest: Duration = .seconds(600)

    init(_ path: String, _ arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    /// Runs it as `owner`, or as ourselves when that is nil.
    func run(as owner: ClusterOwner? = nil) throws(PrivateClusterError) -> Outcome {
        var launch = ChildProcess.Launch(path, arguments)
        launch.environment = [
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC",
        ]
        launch.directory = "/"
        if let owner, owner.uid != geteuid() {
            launch.user = owner.uid
            launch.group = owner.gid
        }
        do {
            let outcome = try Command.run(launch, limit: Program.longest)
            let said = [outcome.output, outcome.errors].map { stream in
                String(decoding: stream.suffix(Program.longestOutput), as: UTF8.self)
            }
            return Outcome(succeeded: outcome.exit.isSuccess, output: said.joined())
        } catch {
            throw .refused(path: path, reason: error.message)
        }
    }
}
