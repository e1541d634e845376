import Foundation

/// One file of the tree, as text.
struct SourceFile: Sendable {
    /// From the root of the repository, with slashes.
    let path: String
    let lines: [String]

    /// The lines without comments and without what stands in string literals.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = SourceFile.code(of: lines)
    }

    /// The folder's parts: `Sources/Shell/Hub/Edge.swift` is in `["Sources", "Shell", "Hub"]`.
    var folders: [String] { Array(path.split(separator: "/").map(String.init).dropLast()) }

    /// What the file imports, each with its line.
    var imports: [(line: Int, module: String)] {
        code.enumerated().compactMap { index, line in
            // `import X`, `package import X`, `@preconcurrency import X`.
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
                words[..<place].allSatisfy({
                    Self.importModifiers.contains($0) || $0.hasPrefix("@")
                })
            else { return nil }
            return (index + 1, String(words[place + 1]))
        }
    }

    private static let importModifiers: Set<Substring> = ["package", "internal", "private"]

    /// `path:line`, as compilers write it, for every line of code that `isWrong` names.
    func places(where isWrong: (String) -> Bool) -> [String] {
        code.enumerated().filter { isWrong($0.element) }.map { "\(path):\($0.offset + 1)" }
    }

    /// Takes comments and the contents of literals away; line numbers stay.
    private static func code(of lines: [String]) -> [String] {
        var isInText = false
        return lines.map { line in
            // A literal of several lines: nothing in it is code.
            let quotes = line.ranges(of: "\"\"\"").count
            defer { if quotes % 2 == 1 { isInText.toggle() } }
            if isInText || quotes > 0 { return "" }
            return withoutLiterals(line)
        }
    }

    private static func withoutLiterals(_ line: String) -> String {
        var code = ""
        var isQuoted = false
        var previous: Character = " "
        for character in line {
            if isQuoted {
                if character == "\"" && previous != "\\" { isQuoted = false }
                previous = previous == "\\" && character == "\\" ? " " : character
                continue
            }
            if character == "/" && previous == "/" {
                code.removeLast()
                return code
            }
            if character == "\"" { isQuoted = true }
            code.append(character)
            previous = character
        }
        return code
    }
}

/// The repository this test was compiled in.
enum SourceTree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Built, downloaded or kept by tools; no part of the project's text.
    private static let foreign: Set<String> = [".build", ".git", ".swiftpm", ".rollcall"]

    /// Every file below `folder` whose name ends so, by path.
    static func files(in folder: String = "", endings: Set<String>) throws -> [SourceFile] {
        let start = folder.isEmpty ? root : root.appending(path: folder)
        let prefix = root.path(percentEncoded: false)
        guard let walk = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
        else { return [] }
        var files: [SourceFile] = []
        for case let url as URL in walk {
            let name = url.lastPathComponent
            if foreign.contains(name) || name.hasPrefix(".build-") {
                walk.skipDescendants()
            } else if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile != true {
                continue
            } else if endings.contains(url.pathExtension) || endings.contains(name) {
                let path = String(url.path(percentEncoded: false).dropFirst(prefix.count))
                let text = try String(contentsOf: url, encoding: .utf8)
                files.append(SourceFile(path: path, text: text))
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    /// The Swift files under Sources, read once.
    static func sources() throws -> [SourceFile] { try swiftSources.get() }

    /// Those of the tests and the load harness too.
    static func allSwift() throws -> [SourceFile] { try sources() + otherSwift.get() }

    private static let swiftSources = Result {
        try files(in: "Sources", endings: ["swift"])
    }

    private static let otherSwift = Result {
        try files(in: "Tests", endings: ["swift"]) + files(in: "LoadTests", endings: ["swift"])
    }
}
