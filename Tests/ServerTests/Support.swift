import Foundation
import Glibc

@testable import rollcall

/// A run of the whole program in this process, with everything it said.
struct Transcript {
    let code: ExitCode
    let out: String
    let error: String

    static func of(_ words: String...) -> Transcript {
        of(words)
    }

    static func of(
        _ words: [String], environment: [String: String] = [:], isRoot: Bool = false
    ) -> Transcript {
        let said = Said()
        let console = Console(
            out: { said.out += $0 + "\n" }, error: { said.error += $0 + "\n" })
        let tool = CommandLineTool(environment: environment, console: console, isRoot: isRoot)
        let code = tool.run(words)
        return Transcript(code: code, out: said.out, error: said.error)
    }

    /// What `doctor` wants mended, besides the open-file limit, which is the machine's.
    var complaints: [Substring] {
        out.split(separator: "\n").filter { $0.hasPrefix("! ") && !$0.hasPrefix("! open files") }
    }

    private final class Said {
        var out = ""
        var error = ""
    }
}

/// Settings as `serve` would find them; fails the test when the command line itself is wrong.
func settings(
    _ words: [String] = [], environment: [String: String] = [:], of synopsis: Synopsis = .serve
) throws -> Settings {
    Settings(arguments: try Arguments(words, for: synopsis), environment: environment)
}

/// What `body` refuses with, nil when it accepts.
func failure<Value>(_ body: () throws(Failure) -> Value) -> Failure? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

/// Runs `body` with an empty directory of its own and removes that afterwards.
func withDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
    var template = Array("/tmp/rollcall-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    precondition(made, "no directory under /tmp")
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left over: \(path): \(error)")
        }
    }
    return try body(path)
}
