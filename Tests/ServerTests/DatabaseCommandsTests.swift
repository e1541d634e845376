import Basics
import Foundation
import Glibc
import Testing

@testable import rollcall

/// The commands that touch the database, over a private cluster of their own.
@Suite("Commands on the database", .serialized)
struct DatabaseCommandsTests {
    @Test func `migrate, seed and doctor go through a schema's whole life`() throws {
        try withDirectory { directory in
            chmod(directory, 0o711)
            let isRoot = geteuid() == 0
            func run(_ words: String...) -> Transcript {
                let tool = words + ["--data-dir", directory + "/data"]
                return Transcript.of(tool, isRoot: isRoot)
            }
            // Keeps the cluster up between the commands, as a running server would.
            let server = try DatabaseAccess(
                .privateCluster, dataDirectory: directory + "/data", asRoot: isRoot,
                telling: { _ in })
            let before = run("migrate", "status")
            #expect(before.out.contains("missing  log"))
            #expect(!before.out.contains("applied"))
            let ill = run("doctor", "--listen", "127.0.0.1:0")
            #expect(ill.code == .failure)
            #expect(ill.out.contains("! migrations: log, "))

            let up = run("migrate", "up")
            #expect(up.code == .success, "\(up.error)")
            #expect(up.out.contains("applied  log"))
            let again = run("migrate", "up")
            #expect(again.out == "nothing to do\n")
            for _ in 0..<2 {
                let seeded = run("seed")
                #expect(seeded.code == .success, "\(seeded.error)")
            }
            let well = run("doctor", "--listen", "127.0.0.1:0")
            #expect(well.complaints.isEmpty)
            #expect(well.out.contains("✓ migrations: all applied"))

            let down = run("migrate", "down")
            #expect(down.out.contains("taken back  log"))
            let after = run("migrate", "status")
            #expect(after.out == before.out)
            try server.leave(telling: { _ in })
        }
    }

    @Test func `seed refuses a server that listens beyond loopback`() {
        let environment = ["ROLLCALL_LISTEN": "0.0.0.0:4000"]
        let transcript = Transcript.of(["seed"], environment: environment)
        #expect(transcript.code == .configuration)
        #expect(transcript.error.contains("expected a loopback address"))
    }

    @Test func `a database that is gone is unavailable, in one line`() {
        let transcript = Transcript.of(
            "migrate", "status", "--database", "host=/nonexistent user=a")
        #expect(transcript.code == .unavailable)
        #expect(transcript.error.hasPrefix("rollcall: cannot reach the database: "))
        #expect(transcript.error.split(separator: "\n").count == 1)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become an ordinary user"))
    func `an ordinary user runs the cluster himself`() throws {
        // The tool as it was built, copied to where another user may run it.
        let built = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("rollcall").path
        try withDirectory { directory in
            chmod(directory, 0o777)
            let copy = directory + "/rollcall"
            try FileManager.default.copyItem(atPath: built, toPath: copy)
            let tool = Process()
            tool.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            tool.arguments = [
                "--reuid=65534", "--regid=65534", "--clear-groups", "--", copy, "migrate",
                "status", "--data-dir", directory + "/data",
            ]
            tool.currentDirectoryURL = URL(fileURLWithPath: "/")
            tool.standardError = Pipe()
            let output = Pipe()
            tool.standardOutput = output
            try tool.run()
            let said = String(
                decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            tool.waitUntilExit()
            var status = stat()
            stat(directory + "/data/postgres/data", &status)
            #expect(tool.terminationStatus == 0)
            #expect(said.contains("missing  log"))
            #expect(status.st_uid == 65_534)
        }
    }
}
