import Foundation
import Glibc
import PrivateCluster
import Testing

@testable import rollcall

/// The built program as a process, over a private cluster.
@Suite("rollcall serve", .serialized)
struct ServeTests {
    /// A server that has said it is ready.
    private final class Running {
        let process = Process()
        // A file: the postmaster outlives the server and would keep a pipe open.
        private let errors: String

        init(dataDirectory: String) throws {
            let built = URL(fileURLWithPath: CommandLine.arguments[0])
                .deletingLastPathComponent().appendingPathComponent("rollcall")
            process.executableURL = built
            process.arguments = ["serve", "--listen", "127.0.0.1:0", "--data-dir", dataDirectory]
            let output = Pipe()
            process.standardOutput = output
            errors = NSTemporaryDirectory() + "rollcall-errors-\(UUID().uuidString)"
            FileManager.default.createFile(atPath: errors, contents: nil)
            process.standardError = FileHandle(forWritingAtPath: errors)
            try process.run()
            let said = String(
                decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            try #require(said.hasPrefix("rollcall is ready at http://127.0.0.1:"))
        }

        /// Sends the signal, waits for the end and returns what was said on standard error.
        func end(_ signal: Int32) -> String {
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
            defer { unlink(errors) }
            return FileManager.default.contents(atPath: errors)
                .map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `a killed server's cluster is taken over, and stopped by the last to leave`() throws {
        try withDirectory { directory in
            chmod(directory, 0o711)
            let data = directory + "/data"
            let killed = try Running(dataDirectory: data)
            let first = killed.end(SIGKILL)
            #expect(first.contains("creating the private PostgreSQL"))
            guard case .running = try PrivateCluster.presence(in: data) else {
                Issue.record("the cluster went down with the server")
                return
            }

            let one = try Running(dataDirectory: data)
            let two = try Running(dataDirectory: data)
            let leaving = one.end(SIGTERM)
            #expect(leaving.contains("already running"))
            #expect(!leaving.contains("stopping the private"))
            #expect(one.process.terminationStatus == 0)
            let last = two.end(SIGINT)
            #expect(last.contains("stopping the private"))
            #expect(two.process.terminationStatus == 0)
            let presence = try PrivateCluster.presence(in: data)
            #expect(presence == .stopped)
        }
    }
}
