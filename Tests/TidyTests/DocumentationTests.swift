import Foundation
import Testing

/// Every `package` declaration says what its signature cannot.
///
/// Types, functions, initializers that can fail and constants that are numbers have a doc comment
/// of their own. Three kinds of declaration need none, because it stands elsewhere: what a protocol
/// asks for is documented at the protocol, an initializer that cannot fail at its type and the
/// properties it stores, and a property that its name explains at its type.
@Suite struct `Documentation` {
    @Test func `every package declaration is documented`() throws {
        let files = try SourceTree.sources()
        let ports = requirements(in: files)
        var found: [String] = []
        for file in files {
            let witnesses = witnesses(in: file, ports)
            for declaration in declarations(in: file) where !isDocumented(declaration, in: file) {
                switch declaration.kind {
                case "func" where witnesses.contains(declaration.name): break
                case "init" where !declaration.mayFail: break
                case "var": break
                case "let" where !declaration.isNumber: break
                default: found.append("\(file.path):\(declaration.line): \(declaration.text)")
                }
            }
        }
        #expect(found == [])
    }

    @Test func `every target has a page that names what it refuses to know`() throws {
        let manager = FileManager.default
        for layer in ["Platform", "Protocols", "Engine", "Rooms", "Shell"] {
            let folder = SourceTree.root.appending(path: "Sources/\(layer)")
            for target in try manager.contentsOfDirectory(atPath: folder.path()).sorted() {
                // C libraries are module maps: their one user's page speaks of them.
                guard
                    !["CHTTPParser", "CLibpq", "CLibuv", "COpenSSL", "CSimdjson", "CZlib"]
                        .contains(target)
                else { continue }
                let page = folder.appending(path: "\(target)/\(target).docc/\(target).md")
                let text = manager.contents(atPath: page.path()).map {
                    String(decoding: $0, as: UTF8.self)
                }
                #expect(text?.contains(/refuses\s+to\s+know/) == true, "\(layer)/\(target)")
                #expect(text?.contains("## Decisions") == true, "\(layer)/\(target)")
            }
        }
    }

    @Test func `the search finds what is missing`() {
        let file = SourceFile(
            path: "Sample.swift",
            text: """
                /// Said.
                package struct Said {
                    package func unsaid() {}
                    package static let limit = 5
                    package init?(text: String) {}
                    package init(number: Int) {}
                    /// Said.
                    @discardableResult
                    package mutating func said() -> Int { 1 }
                }
                """)
        let missing = declarations(in: file).filter { !isDocumented($0, in: file) }.map(\.line)
        #expect(missing == [3, 4, 5, 6])
        #expect(declarations(in: file).first { $0.line == 5 }?.mayFail == true)
        #expect(declarations(in: file).first { $0.line == 4 }?.isNumber == true)
    }

    // MARK: Reading declarations

    private struct Declaration {
        let line: Int
        let kind: String
        let name: String
        let text: String

        /// `init?`, or one that throws: which inputs it refuses is not in its signature.
        var mayFail: Bool { text.contains("init?") || text.contains("throws") }

        var isNumber: Bool {
            text.contains(/static let \w+(: Duration|: Int\d*| = [-\d.])/)
        }
    }

    private func declarations(in file: SourceFile) -> [Declaration] {
        file.code.enumerated().compactMap { index, line in
            guard let modifier = line.firstRange(of: "package ") else { return nil }
            let rest = line[modifier.upperBound...]
            let words = rest.split(whereSeparator: { " (<:?".contains($0) }).map(String.init)
            guard let place = words.firstIndex(where: Self.kinds.contains) else { return nil }
            // An operator is cut away with the separators.
            let name = place + 1 < words.count ? words[place + 1] : ""
            let isLess = words[place] == "func" && rest.contains("func < ")
            return Declaration(
                line: index + 1, kind: words[place], name: isLess ? "<" : name,
                text: line.trimmingCharacters(in: .whitespaces))
        }
    }

    private static let kinds: Set<String> = [
        "func", "init", "struct", "enum", "class", "protocol", "actor", "var", "let", "typealias",
        "subscript",
    ]

    private func isDocumented(_ declaration: Declaration, in file: SourceFile) -> Bool {
        var index = declaration.line - 2
        while index >= 0 {
            let line = file.lines[index].trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("///") { return true }
            guard line.hasPrefix("@") else { return false }
            index -= 1
        }
        return false
    }

    // MARK: What protocols ask for

    /// The functions that each protocol of ours asks for, by the protocol's name.
    private func requirements(in files: [SourceFile]) -> [String: Set<String>] {
        var ports: [String: Set<String>] = [
            "Hashable": ["hash", "=="], "Equatable": ["=="], "Comparable": ["<"],
            "RandomNumberGenerator": ["next"], "Sequence": ["makeIterator"],
            "IteratorProtocol": ["next"],
        ]
        for file in files {
            var current: String?
            for line in file.code
            where line.contains("protocol ") || line.hasPrefix("}")
                || current != nil
            {
                if let match = line.firstMatch(of: /^(?:package )?protocol (\w+)/) {
                    current = String(match.1)
                } else if line.hasPrefix("}") {
                    current = nil
                } else if let name = current, let match = line.firstMatch(of: /\bfunc (\w+)/) {
                    ports[name, default: []].insert(String(match.1))
                }
            }
        }
        return ports
    }

    /// The functions of a file that protocols of its types ask for.
    private func witnesses(in file: SourceFile, _ ports: [String: Set<String>]) -> Set<String> {
        var names: Set<String> = []
        let shape = /\b(?:struct|enum|class|extension|actor) [\w.]+(?:<[^>]*>)?\s*:\s*([^{]*)/
        for line in file.code where line.contains(":") && line.contains("{") {
            guard let match = line.firstMatch(of: shape) else { continue }
            for conformance in match.1.matches(of: /\w+/) {
                names.formUnion(ports[String(conformance.0)] ?? [])
            }
        }
        return names
    }
}
