import Foundation
import Testing

/// What every file keeps to, whoever wrote it. `swift format lint --strict` (in `make lint`) sees
/// to the rest of the form.
@Suite struct `The form of the sources` {
    /// A file that is longer holds two subjects.
    private static let mostLines = 500
    /// Two files beside each other fit on a screen.
    private static let mostCharacters = 100

    @Test func `no file is longer than 500 lines`() throws {
        let found = try SourceTree.allSwift()
            .filter { $0.lines.count > Self.mostLines + 1 }
            .map { "\($0.path): \($0.lines.count - 1) lines" }
        #expect(found == [])
    }

    @Test func `no line is longer than 100 characters`() throws {
        var found: [String] = []
        for file in try SourceTree.allSwift() {
            for (index, line) in file.lines.enumerated() where line.count > Self.mostCharacters {
                found.append("\(file.path):\(index + 1): \(line.count) characters")
            }
        }
        #expect(found == [])
    }

    @Test func `no error disappears in silence`() throws {
        var found: [String] = []
        for file in try SourceTree.sources() {
            for (index, line) in file.code.enumerated() {
                let isSilent =
                    line.contains("catch")
                    && (line.contains(/\bcatch\b.*\{\s*\}/)
                        || line.contains(/\bcatch\b.*\{\s*$/) && isEnd(after: index, in: file))
                if isSilent || (line.contains("try?") && line.contains(/\btry\?/)) {
                    found.append("\(file.path):\(index + 1)")
                }
            }
        }
        #expect(found == [])
    }

    /// Whether the next line with anything on it, comments included, only closes a brace.
    private func isEnd(after index: Int, in file: SourceFile) -> Bool {
        let next = file.lines[(index + 1)...].first { !$0.allSatisfy(\.isWhitespace) }
        return next?.trimmingCharacters(in: .whitespaces).hasPrefix("}") ?? true
    }

    @Test func `nothing is left for later`() throws {
        // Put together here, so that this file does not find itself.
        let words = ["TO" + "DO", "FIX" + "ME", "<<<<" + "<<< "]
        var found: [String] = []
        let files = try SourceTree.files(
            endings: ["swift", "md", "sql", "js", "css", "html", "py", "yaml", "json", "h", "cpp"])
        for file in files {
            for (index, line) in file.lines.enumerated() where words.contains(where: line.contains)
            {
                found.append("\(file.path):\(index + 1)")
            }
        }
        #expect(found == [])
    }

    @Test func `nothing is public: the package is not a library`() throws {
        let found = try SourceTree.sources().flatMap { file in
            file.places { $0.contains("public ") || $0.contains("open class") }
        }
        #expect(found == [])
    }

    @Test func `the server does without Foundation`() throws {
        // It doubles the resident memory of an idle server.
        var found: [String] = []
        for file in try SourceTree.sources() {
            for (line, module) in file.imports where module.hasPrefix("Foundation") {
                found.append("\(file.path):\(line)")
            }
        }
        #expect(found == [])
    }

    @Test func `no path of one machine stands anywhere`() throws {
        let endings: Set<String> = [
            "swift", "md", "sql", "js", "css", "html", "py", "yaml", "json", "sh", "txt", "c", "h",
            "cpp", "modulemap", "Makefile", "run", "lint", "suites", "demo", "build", "bash",
        ]
        var found: [String] = []
        for file in try SourceTree.files(endings: endings) {
            for (index, line) in file.lines.enumerated() where namesAMachine(line) {
                found.append("\(file.path):\(index + 1): \(line)")
            }
        }
        #expect(found == [])
    }

    /// Whether a path begins in a folder that other machines do not have.
    private func namesAMachine(_ line: String) -> Bool {
        // Put together here, so that this file does not find itself.
        ["work", "root", "home", "Users"].contains { folder in
            line.ranges(of: "/" + folder + "/").contains { range in
                let before =
                    range.lowerBound == line.startIndex
                    ? " " : line[line.index(before: range.lowerBound)]
                return !before.isLetter && !before.isNumber && !"._-~>}/".contains(before)
            }
        }
    }
}
