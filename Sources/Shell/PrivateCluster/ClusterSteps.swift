import Basics
import Glibc

/// The single steps of making, starting and stopping a cluster; ``PrivateCluster`` decides when,
/// and holds the lock under which they are safe.
struct ClusterSteps {
    let layout: ClusterLayout
    let owner: ClusterOwner

    /// Crash recovery replays at most a checkpoint's distance of WAL (1 GB by default): seconds
    /// on any disk. After a minute somebody should look.
    static let longestWaitSeconds = 60

    /// The log is started anew beyond this at a start; one file is kept besides.
    static let largestLogBytes = 10 << 20

    /// How often a start is tried, a second apart, while processes of a postmaster that was
    /// killed still finish what they were doing.
    static let startAttempts = 10

    init(dataDirectory: String) throws(PrivateClusterError) {
        layout = ClusterLayout(dataDirectory: dataDirectory)
        owner = try ClusterOwner.current()
        guard !layout.root.contains(where: { "\"$`\\\n".contains($0) }) else {
            throw .unusablePath(layout.root)
        }
    }

    func prepareDirectories() throws(PrivateClusterError) {
        if let closed = owner.closedAncestor(of: layout.root) {
            throw .unreachable(directory: layout.root, closed: closed, user: owner.name)
        }
        try makeOwned(layout.root)
        try makeOwned(layout.socketDirectory(for: owner))
    }

    /// Leaves a postmaster running on our data that takes connections, and returns it.
    func ensureRunning(
        progress: (String) -> Void
    ) throws(PrivateClusterError) -> Postmaster {
        if !File.exists(layout.data) { try create(progress: progress) }
        if let postmaster = try adopt(progress: progress) { return postmaster }
        try start(progress: progress)
        guard let postmaster = try Postmaster.running(on: layout.data) else {
            throw .failed(program: "postgres", said: "it ended right after its start")
        }
        return postmaster
    }

    /// Stops it as `pg_ctl stop -m fast` does: open transactions are rolled back.
    func stop(progress: (String) -> Void) throws(PrivateClusterError) {
        guard try Postmaster.running(on: layout.data) != nil else { return }
        progress("stopping the private PostgreSQL cluster …")
        try control(["stop", "-m", "fast"])
    }

    private func create(progress: (String) -> Void) throws(PrivateClusterError) {
        let binaries = try Binaries.find(major: nil)
        progress(
            "creating the private PostgreSQL \(binaries.major) cluster in \(layout.data) …")
        // Under another name until it is whole: what a crash left is never taken for a cluster.
        // The name is this process's, because the initdb of a killed one may still be writing.
        try removeDrafts()
        let draft = "\(layout.draftPrefix)\(getpid())"
        let words = [
            "-D", draft, "--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=trust",
            "--auth-host=reject", "--username=\(ClusterSettings.superuser)", "--no-instructions",
        ]
        do throws(PrivateClusterError) {
            try succeed("initdb", Program(binaries.path("initdb"), words))
            try include(in: draft)
            guard rename(draft, layout.data) == 0 else { throw refusal(layout.data) }
        } catch {
            try removeDrafts()
            throw error
        }
    }

    /// Waits for a postmaster that is already there; nil when there is none, or none any more.
    private func adopt(progress: (String) -> Void) throws(PrivateClusterError) -> Postmaster? {
        var announced = false
        let turns = ClusterSteps.longestWaitSeconds * 20
        for _ in 0..<turns {
            guard let postmaster = try Postmaster.running(on: layout.data) else { return nil }
            switch postmaster.phase {
            case .ready:
                progress("using the private PostgreSQL cluster that is already running")
                return postmaster
            case .starting, .stopping:
                if !announced { progress("waiting for the private PostgreSQL cluster …") }
                announced = true
                usleep(50_000)
            }
        }
        throw .stuck(doing: "starting or stopping", seconds: ClusterSteps.longestWaitSeconds)
    }

    private func start(progress: (String) -> Void) throws(PrivateClusterError) {
        progress("starting the private PostgreSQL cluster …")
        try Postmaster.removeMisleadingFile(in: layout.data)
        try writeSettings()
        var status = stat()
        if stat(layout.log, &status) == 0, status.st_size > ClusterSteps.largestLogBytes {
            rename(layout.log, layout.log + ".1")
        }
        try removeSocket()
        // pg_ctl gives the postmaster a session of its own and waits until it is ready.
        var attemptsLeft = ClusterSteps.startAttempts
        while true {
            do {
                return try control(["start", "-l", layout.log])
            } catch {
                attemptsLeft -= 1
                guard error.meansOrphansRemain, attemptsLeft > 0 else { throw error }
                sleep(1)
            }
        }
    }

    /// Removes what a postmaster that died left in the socket's directory, where its lock names a
    /// process that may be somebody else's by now. Nobody but our postmaster uses the directory.
    private func removeSocket() throws(PrivateClusterError) {
        let socket = "\(layout.socketDirectory(for: owner))/.s.PGSQL.\(ClusterLayout.port)"
        for path in [socket, socket + ".lock"] {
            guard unlink(path) == 0 || errno == ENOENT else { throw refusal(path) }
        }
    }

    private func control(_ words: [String]) throws(PrivateClusterError) {
        let binaries = try Binaries.find(major: try major())
        let limit = ["-D", layout.data, "-w", "-t", String(ClusterSteps.longestWaitSeconds)]
        try succeed("pg_ctl \(words[0])", Program(binaries.path("pg_ctl"), words + limit))
    }

    private func major() throws(PrivateClusterError) -> Int {
        let path = layout.data + "/PG_VERSION"
        do {
            let text = String(decoding: try File.read(path, atMost: 64).bytes, as: UTF8.self)
            if let major = Int(text.prefix { $0.isNumber }) { return major }
        } catch  where error.code != ENOENT {
            throw .refused(path: path, reason: error.description)
        } catch {
            throw .notOurs(directory: layout.data, found: "it has no PG_VERSION")
        }
        throw .notOurs(directory: layout.data, found: "its PG_VERSION holds no number")
    }

    private func succeed(_ name: String, _ program: Program) throws(PrivateClusterError) {
        let outcome = try program.run(as: owner)
        guard !outcome.succeeded else { return }
        let log = name == "pg_ctl start" ? tail(of: layout.log) : ""
        if (outcome.output + log).contains(String(cString: strerror(ENOSPC))) {
            throw .diskFull(directory: layout.root)
        }
        let fatal = log.split(separator: "\n").last { $0.contains("FATAL:") }
        throw .failed(program: name, said: fatal.map(String.init) ?? outcome.lastLine)
    }
}

extension PrivateClusterError {
    /// PostgreSQL refuses to start while a process of the last one holds its shared memory.
    fileprivate var meansOrphansRemain: Bool {
        guard case .failed(_, let said) = self else { return false }
        return said.contains("pre-existing shared memory block")
    }
}
