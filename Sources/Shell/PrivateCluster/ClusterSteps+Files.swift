import Basics
import Glibc

extension ClusterSteps {
    /// Makes a directory that only the owner may enter, or checks that this one is such.
    ///
    /// The check matters under /tmp, where anybody may have made it first: whoever controls the
    /// socket's directory could stand in for the database.
    func makeOwned(_ path: String) throws(PrivateClusterError) {
        if mkdir(path, 0o700) == 0 {
            guard geteuid() == owner.uid || lchown(path, owner.uid, owner.gid) == 0 else {
                throw refusal(path)
            }
            return
        }
        guard errno == EEXIST else { throw refusal(path) }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw refusal(path) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .notOurs(directory: path, found: "it is no directory")
        }
        // Ours and not yet handed over: another of us made it a moment ago, or died there.
        let isHandedOver =
            status.st_uid == geteuid() && lchown(path, owner.uid, owner.gid) == 0
        guard status.st_uid == owner.uid || isHandedOver else {
            throw .notOurs(
                directory: path,
                found: "it belongs to user \(status.st_uid), expected \(owner.uid)")
        }
        guard status.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else { throw refusal(path) }
    }

    /// Makes PostgreSQL read our settings after its own.
    func include(in data: String) throws(PrivateClusterError) {
        let path = data + "/postgresql.conf"
        let written: [UInt8]
        do {
            written = try File.read(path, atMost: 1 << 20).bytes
        } catch {
            throw .refused(path: path, reason: error.description)
        }
        try replace(path, written + Array(ClusterSettings.include.utf8))
    }

    func writeSettings() throws(PrivateClusterError) {
        let text = ClusterSettings.text(socketDirectory: layout.socketDirectory(for: owner))
        try replace("\(layout.data)/\(ClusterSettings.fileName)", Array(text.utf8))
    }

    /// Removes what starts that were cut short have left; nothing there is fine.
    func removeDrafts() throws(PrivateClusterError) {
        let words = [
            layout.root, "-mindepth", "1", "-maxdepth", "1", "-name", "data.partial.*",
            "-exec", "rm", "-rf", "--", "{}", "+",
        ]
        let outcome = try Program("/usr/bin/find", words).run(as: owner)
        guard outcome.succeeded else { throw .failed(program: "rm", said: outcome.lastLine) }
    }

    /// The last few lines of a file, empty when it cannot be read: only ever to explain.
    func tail(of path: String) -> String {
        let outcome: Program.Outcome
        do {
            outcome = try Program("/usr/bin/tail", ["-n", "20", "--", path]).run(as: owner)
        } catch {
            return error.description
        }
        return outcome.output
    }

    func refusal(_ path: String) -> PrivateClusterError {
        if errno == ENOSPC { return .diskFull(directory: path) }
        return .refused(path: path, reason: String(cString: strerror(errno)))
    }

    private func replace(_ path: String, _ bytes: [UInt8]) throws(PrivateClusterError) {
        do {
            try File.replace(path, bytes, mode: 0o600)
        } catch {
            if error.code == ENOSPC { throw .diskFull(directory: layout.root) }
            throw .refused(path: path, reason: error.description)
        }
        guard geteuid() == owner.uid || lchown(path, owner.uid, owner.gid) == 0 else {
            throw refusal(path)
        }
    }
}
