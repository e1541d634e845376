import Basics
import Foundation
import Glibc
import Testing

@testable import PrivateCluster

/// With real `initdb` and postmasters, in directories of their own.
@Suite("Private cluster", .serialized)
struct PrivateClusterTests {
    private func running(in directory: String) throws -> Postmaster? {
        try Postmaster.running(on: directory + "/postgres/data")
    }

    @Test func `the first to come makes it, the last to leave stops it`() throws {
        try withDirectory { directory in
            let progress = Progress()
            let one = try PrivateCluster(in: directory, progress: progress.say)
            #expect(progress.mentions("creating"))
            let two = try PrivateCluster(in: directory, progress: progress.say)
            #expect(progress.mentions("already running"))
            #expect(two.connectionString == one.connectionString)
            let encoding = try query("show server_encoding", one.connectionString)
            #expect(encoding == "UTF8")

            try one.leave(progress: progress.say)
            let answer = try query("select 6 * 7", two.connectionString)
            #expect(answer == "42")
            try one.leave(progress: progress.say)
            #expect(!progress.mentions("stopping"))

            try two.leave(progress: progress.say)
            let left = try running(in: directory)
            #expect(left == nil)
            #expect(progress.mentions("stopping"))
        }
    }

    @Test func `it listens to its owner alone, in a session of its own`() throws {
        try withDirectory { directory in
            let cluster = try PrivateCluster(in: directory, progress: { _ in })
            let postmaster = try #require(try running(in: directory))
            let owner = try ClusterOwner.current()
            var status = stat()
            stat(postmaster.socketDirectory, &status)
            #expect(status.st_uid == owner.uid)
            #expect(status.st_mode & 0o777 == 0o700)
            stat("/proc/\(postmaster.process)", &status)
            #expect(status.st_uid == owner.uid)
            // Ctrl-C goes to the terminal's foreground group, a hang-up to the session.
            #expect(getsid(postmaster.process) != getsid(0))
            let addresses = try query("show listen_addresses", cluster.connectionString)
            #expect(addresses.isEmpty)
            try cluster.leave(progress: { _ in })
        }
    }

    @Test func `one left by a killed server is taken over, not fought`() throws {
        try withDirectory { directory in
            var killed: PrivateCluster? = try PrivateCluster(in: directory, progress: { _ in })
            _ = try query("create table kept as select 1", killed!.connectionString)
            // For the locks, which the kernel drops, this is what kill -9 does.
            killed = nil
            let before = try #require(try running(in: directory))

            let progress = Progress()
            let next = try PrivateCluster(in: directory, progress: progress.say)
            let after = try running(in: directory)
            #expect(after?.process == before.process)
            #expect(progress.mentions("already running"))
            let kept = try query("select count(*) from kept", next.connectionString)
            #expect(kept == "1")
            try next.leave(progress: progress.say)
            let left = try running(in: directory)
            #expect(left == nil)
        }
    }

    @Test func `a killed postmaster and a stranger's process id are recovered from`() throws {
        try withDirectory { directory in
            let first = try PrivateCluster(in: directory, progress: { _ in })
            let dead = try #require(try running(in: directory))
            kill(dead.process, SIGKILL)
            let data = directory + "/postgres/data"
            while try running(in: directory) != nil { usleep(10_000) }
            let second = try PrivateCluster(in: directory, progress: { _ in })
            let risen = try #require(try running(in: directory))
            #expect(risen.process != dead.process)
            try first.leave(progress: { _ in })
            try second.leave(progress: { _ in })

            // The machine went down, came up, and gave the number to somebody else.
            let text = "\(getpid())\n\(data)\n1\n5432\n/nowhere\n\n 1 1\nready   \n"
            try File.create(data + "/postmaster.pid", Array(text.utf8), mode: 0o600)
            let third = try PrivateCluster(in: directory, progress: { _ in })
            let answer = try query("select 1", third.connectionString)
            #expect(answer == "1")
            try third.leave(progress: { _ in })
        }
    }

    @Test func `a killed postmaster's busy child is waited for`() throws {
        try withDirectory { directory in
            let first = try PrivateCluster(in: directory, progress: { _ in })
            let busy = "do $$ begin for i in 1..60000000 loop end loop; end $$"
            let address = first.connectionString
            let client = Thread {
                do { _ = try query(busy, address) } catch { print("query: \(error)") }
            }
            client.start()
            let started = "select count(*) from pg_stat_activity where query like 'do %'"
            while try query(started, address) != "1" { usleep(20_000) }
            let dead = try #require(try running(in: directory))
            kill(dead.process, SIGKILL)
            while try running(in: directory) != nil { usleep(10_000) }
            let second = try PrivateCluster(in: directory, progress: { _ in })
            let answer = try query("select 1", second.connectionString)
            #expect(answer == "1")
            try first.leave(progress: { _ in })
            try second.leave(progress: { _ in })
        }
    }

    @Test func `two that come at once make one cluster`() throws {
        try withDirectory { directory in
            let codes = Codes()
            let threads = (0..<2).map { _ in
                Thread {
                    let found = refusal { () throws(PrivateClusterError) in
                        let cluster = try PrivateCluster(in: directory, progress: { _ in })
                        try cluster.leave(progress: { _ in })
                    }
                    codes.add(found)
                }
            }
            for thread in threads { thread.start() }
            let found = codes.wait(for: 2)
            #expect(found.allSatisfy { $0 == nil }, "\(found)")
            let left = try running(in: directory)
            #expect(left == nil)
        }
    }

    @Test func `a directory too deep for a socket gets a short one under tmp`() throws {
        try withDirectory { directory in
            let deep = directory + "/" + String(repeating: "d", count: 90) + " it's"
            try File.makeDirectory(deep, mode: 0o711)
            let cluster = try PrivateCluster(in: deep, progress: { _ in })
            let short = ClusterLayout(dataDirectory: deep)
                .socketDirectory(for: try ClusterOwner.current())
            defer { rmdir(short) }
            let answer = try query("select 1", cluster.connectionString)
            #expect(cluster.connectionString.contains("/tmp/rollcall-"))
            #expect(answer == "1")
            try cluster.leave(progress: { _ in })
        }
    }

    @Test func `what PostgreSQL says when it does not start is passed on`() throws {
        try withDirectory { directory in
            let cluster = try PrivateCluster(in: directory, progress: { _ in })
            try cluster.leave(progress: { _ in })
            let path = directory + "/postgres/data/postgresql.conf"
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("no_such_setting = 1\n".utf8))
            try handle.close()
            let found = refusal { () throws(PrivateClusterError) in
                try PrivateCluster(in: directory, progress: { _ in })
            }
            let line = try #require(found?.description)
            #expect(line.contains("pg_ctl start failed"))
            #expect(line.contains("postgresql.conf\" contains errors"))
        }
    }

    @Test func `a full disk is called a full disk`() throws {
        try withDirectory { directory in
            let mounted = try Program(
                "/bin/mount", ["-t", "tmpfs", "-o", "size=12m,mode=711", "none", directory]
            ).run()
            guard mounted.succeeded else { return }
            defer { umount(directory) }
            let found = refusal { () throws(PrivateClusterError) in
                try PrivateCluster(in: directory, progress: { _ in })
            }
            #expect(found == .diskFull(directory: directory + "/postgres"))
            let left = try FileManager.default.contentsOfDirectory(atPath: directory + "/postgres")
            #expect(!left.contains { $0.hasPrefix("data") })
        }
    }
}

/// What several threads found, gathered.
private final class Codes: @unchecked Sendable {
    // Confined by `condition`.
    private var found: [PrivateClusterError?] = []
    private let condition = NSCondition()

    func add(_ code: PrivateClusterError?) {
        condition.withLock {
            found.append(code)
            condition.broadcast()
        }
    }

    func wait(for count: Int) -> [PrivateClusterError?] {
        condition.withLock {
            while found.count < count { condition.wait() }
            return found
        }
    }
}
