import Foundation
import Glibc
import Synchronization

/// A PostgreSQL cluster of the test process's own, started when it is first asked for.
///
/// It listens on a unix socket only, does not sync to disk, and is gone with its files when the
/// test process ends, however that ends: a small shell script that outlives us by a moment
/// waits for the end of a pipe and then stops the postmaster by its process id. PostgreSQL
/// refuses to run as root, so root starts it as the user `postgres`.
package final class PostgresCluster: Sendable {
    /// The cluster that all tests of a process share. A machine without PostgreSQL fails here.
    package static let shared = PostgresCluster()

    /// Where the socket is. Short, because a socket's path has at most 107 bytes.
    package let directory: String

    private let programs: String
    private let databasesMade = Atomic(0)

    private init() {
        programs = PostgresCluster.findPrograms()
        directory = "/tmp/rollcall-test-\(getpid())"
        let starter = Process()
        let script = ["-c", PostgresCluster.script, "sh", programs, directory]
        if getuid() == 0 {
            starter.executableURL = URL(fileURLWithPath: "/usr/sbin/runuser")
            starter.arguments = ["-u", "postgres", "--", "/bin/sh"] + script
        } else {
            starter.executableURL = URL(fileURLWithPath: "/bin/sh")
            starter.arguments = script
        }
        starter.currentDirectoryURL = URL(fileURLWithPath: "/tmp")
        let life = Pipe()
        let report = Pipe()
        starter.standardInput = life
        starter.standardOutput = report
        do {
            try starter.run()
        } catch {
            fatalError("cannot start \(programs)/initdb: \(error)")
        }
        // Held open, and by no child of ours, until this process ends.
        let lifeline = dup(life.fileHandleForWriting.fileDescriptor)
        _ = fcntl(lifeline, F_SETFD, FD_CLOEXEC)
        life.fileHandleForWriting.closeFile()
        let said = String(decoding: report.fileHandleForReading.availableData, as: UTF8.self)
        precondition(said.hasPrefix("ready"), "no cluster: see \(directory)/log; \(said)")
    }

    /// A connection string for one of the cluster's databases.
    package func address(of database: String) -> String {
        "host=\(directory) user=rollcall dbname=\(database)"
    }

    /// Makes an empty database, or a copy of `template`, to which nobody may be connected.
    package func makeDatabase(from template: String = "template1") -> String {
        let number = databasesMade.add(1, ordering: .relaxed).newValue
        let name = "test_\(number)"
        sql("create database \(name) template \(template)", in: "postgres")
        return name
    }

    /// Runs SQL in psql and returns what it prints, without headers, columns split by `|`. Fails
    /// the process when the SQL fails, unless `mayFail`.
    @discardableResult
    package func sql(_ text: String, in database: String, mayFail: Bool = false) -> String {
        let psql = Process()
        psql.executableURL = URL(fileURLWithPath: "\(programs)/psql")
        psql.arguments = [
            "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address(of: database),
            "-c", text,
        ]
        let output = Pipe()
        psql.standardOutput = output
        psql.standardError = output
        do {
            try psql.run()
        } catch {
            fatalError("cannot run \(programs)/psql: \(error)")
        }
        let said = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        psql.waitUntilExit()
        precondition(mayFail || psql.terminationStatus == 0, "\(text)\n\(said)")
        return said.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Debian keeps each major version in a directory of its own; the newest counts.
    private static func findPrograms() -> String {
        let root = "/usr/lib/postgresql"
        let found: [String]
        do {
            found = try FileManager.default.contentsOfDirectory(atPath: root)
        } catch {
            fatalError("PostgreSQL is not installed: \(error)")
        }
        guard let newest = found.compactMap(Int.init).max() else {
            fatalError("PostgreSQL is not installed: \(root) is empty")
        }
        return "\(root)/\(newest)/bin"
    }

    private static let script = """
        trap '' INT TERM HUP
        programs=$1 directory=$2
        rm -rf "$directory" && mkdir -m 0755 "$directory" || exit 1
        "$programs/initdb" -D "$directory/data" -U rollcall -A trust -E UTF8 --locale=C.UTF-8 \
            --no-sync >"$directory/log" 2>&1 || exit 1
        "$programs/postgres" -D "$directory/data" -k "$directory" -c listen_addresses= \
            -c fsync=off -c max_connections=200 -c shared_buffers=64MB \
            >>"$directory/log" 2>&1 </dev/null &
        postmaster=$!
        until "$programs/pg_isready" -q -h "$directory"; do
            kill -0 $postmaster 2>/dev/null || exit 1
            sleep 0.05
        done
        echo ready
        exec >&-
        cat >/dev/null
        kill -QUIT $postmaster
        wait $postmaster
        rm -rf "$directory"
        """
}
