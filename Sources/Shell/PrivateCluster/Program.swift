import Glibc

/// A program of somebody else's, run to its end.
///
/// Not through a shell: words are passed as they are. It gets a bare environment, so that no
/// `PG…` variable of the caller leads it elsewhere, and `/` as its directory, because
/// PostgreSQL's programs stop when they may not return to where they were started. `env` of
/// coreutils does both between the fork and the program.
struct Program {
    struct Outcome: Sendable {
        /// As `waitpid` gives it.
        let status: Int32

        /// Both streams together, at most the last ``Program/longestOutput`` bytes.
        let output: String

        var succeeded: Bool { status == 0 }

        /// What people want to see: a program says last why it gave up.
        var lastLine: String {
            output.split(separator: "\n").last.map(String.init) ?? "it said nothing"
        }
    }

    private let path: String
    private let arguments: [String]

    /// An error report of PostgreSQL's has a few lines; more only buries the reason.
    static let longestOutput = 16 << 10

    init(_ path: String, _ arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    /// The same program as another user, with that user's groups and no way back.
    func run(as owner: ClusterOwner) throws(PrivateClusterError) -> Outcome {
        guard owner.uid != geteuid() else { return try run() }
        let setpriv = "/usr/bin/setpriv"
        guard access(setpriv, X_OK) == 0 else {
            throw .refused(path: setpriv, reason: "not found; apt-get install util-linux")
        }
        let identity = ["--reuid=\(owner.uid)", "--regid=\(owner.gid)", "--init-groups"]
        return try Program(setpriv, identity + ["--", path] + arguments).run()
    }

    func run() throws(PrivateClusterError) -> Outcome {
        // A file, not a pipe: a daemon left behind may keep the stream open for ever.
        var template = Array("/tmp/rollcall-output-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw refusal("make a file under /tmp", errno) }
        defer { close(descriptor) }
        unlink(&template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let process = try spawn(writingTo: descriptor)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw refusal("wait", errno) }
        }
        return Outcome(status: status, output: text(of: descriptor))
    }

    private func spawn(writingTo descriptor: Int32) throws(PrivateClusterError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, descriptor, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, descriptor, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // We ignore SIGPIPE and may block signals; neither is the child's business.
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        // Owned by us until the call returns; the child has copies.
        let line = ["env", "-i", "-C", "/"] + Program.environment + [path] + arguments
        var words = line.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var process: pid_t = 0
        let code = posix_spawn(
            &process, "/usr/bin/env", &actions, &attributes, &words, &environment)
        guard code == 0 else { throw refusal("start", code) }
        return process
    }

    private static let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC"]

    private func text(of descriptor: Int32) -> String {
        let end = lseek(descriptor, 0, SEEK_END)
        let start = max(0, end - Program.longestOutput)
        var bytes = [UInt8](repeating: 0, count: max(0, end - start))
        let count = pread(descriptor, &bytes, bytes.count, start)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private func refusal(_ step: String, _ code: Int32) -> PrivateClusterError {
        .refused(path: path, reason: "\(step): \(String(cString: strerror(code)))")
    }
}
