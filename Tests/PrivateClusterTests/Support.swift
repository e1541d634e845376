import Foundation
import Glibc

@testable import PrivateCluster

/// Runs `body` with an empty directory that every user may pass through, and removes it with
/// whatever still runs in it.
func withDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
    var template = Array("/tmp/rollcall-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    precondition(made, "no directory under /tmp")
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o711)
    defer {
        do {
            if let left = try Postmaster.running(on: path + "/postgres/data") {
                kill(left.process, SIGKILL)
            }
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left over: \(path): \(error)")
        }
    }
    return try body(path)
}

/// What `body` refuses with, nil when it accepts.
func refusal<Value>(
    _ body: () throws(PrivateClusterError) -> Value
) -> PrivateClusterError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

/// The lines a cluster said while it worked.
final class Progress {
    private(set) var lines: [String] = []

    func say(_ line: String) {
        lines.append(line)
    }

    func mentions(_ word: String) -> Bool {
        lines.contains { $0.contains(word) }
    }
}

/// One SQL statement through `psql`, with what it printed.
func query(_ statement: String, _ connectionString: String) throws -> String {
    let outcome = try Program(
        "/usr/bin/psql", ["-XAtq", "-d", connectionString, "-c", statement]
    ).run()
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
}
