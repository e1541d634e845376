import Basics
import Glibc

/// What `postmaster.pid` says, and whether to believe it.
///
/// The file's lines are PostgreSQL's `LOCK_FILE_LINE_…` (src/include/utils/pidfile.h): process
/// id, data directory, start time, port, socket directory, listen address, shared memory, status.
struct Postmaster: Hashable, Sendable {
    enum Phase: Hashable, Sendable { case starting, ready, stopping }

    let process: pid_t
    let port: Int
    let socketDirectory: String
    let phase: Phase

    /// Nil when even the process is not written yet, or is nonsense.
    init?(parsing text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        func line(_ number: Int) -> String {
            guard number < lines.count else { return "" }
            let trimmed = lines[number].reversed().drop { $0 == " " }.reversed()
            return String(trimmed)
        }
        guard let process = pid_t(line(0)), process > 1 else { return nil }
        self.process = process
        port = Int(line(3)) ?? ClusterLayout.port
        socketDirectory = line(4)
        phase =
            switch line(7) {
            case "ready": .ready
            case "stopping": .stopping
            case _: .starting
            }
    }

    /// The postmaster that runs on `data`, nil when there is none.
    ///
    /// A process of that number which works elsewhere is a stranger who was given a dead
    /// postmaster's number: a postmaster always works in its data directory.
    static func running(on data: String) throws(PrivateClusterError) -> Postmaster? {
        guard let postmaster = try written(in: data) else { return nil }
        return postmaster.works(in: data) ? postmaster : nil
    }

    /// Removes a file that names a stranger, on which PostgreSQL would refuse to start. A file
    /// that names nobody is left: PostgreSQL itself looks whether children of the dead one are
    /// still there before it takes over.
    ///
    /// Only while nobody else can start one, and after ``running(on:)`` found none.
    static func removeMisleadingFile(in data: String) throws(PrivateClusterError) {
        guard let postmaster = try written(in: data) else { return }
        let isAlive = kill(postmaster.process, 0) == 0 || errno == EPERM
        guard isAlive else { return }
        guard unlink(path(in: data)) == 0 || errno == ENOENT else {
            throw .refused(path: path(in: data), reason: String(cString: strerror(errno)))
        }
    }

    private func works(in data: String) -> Bool {
        var link = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = link.withUnsafeMutableBytes { buffer -> Int in
            guard let start = buffer.baseAddress else { return 0 }
            return readlink("/proc/\(process)/cwd", start, buffer.count)
        }
        return count > 0 && link.prefix(count).elementsEqual(data.utf8)
    }

    private static func written(in data: String) throws(PrivateClusterError) -> Postmaster? {
        do {
            let file = try File.read(path(in: data), atMost: largestFileBytes)
            return Postmaster(parsing: String(decoding: file.bytes, as: UTF8.self))
        } catch  where error.code == ENOENT {
            return nil
        } catch {
            throw .refused(path: path(in: data), reason: error.description)
        }
    }

    private static func path(in data: String) -> String { data + "/postmaster.pid" }

    /// Eight lines, one of which is a path.
    private static let largestFileBytes = 16 << 10
}
