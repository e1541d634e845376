import Foundation
import Testing

/// Which target may import what: what Package.swift declares for it, inside the bounds of its
/// layer. SwiftPM alone lets a file import a sibling that its target never declared.
@Suite struct `Layers` {
    /// Bottom to top: a target imports from its own layer and from below, and only what its layer
    /// may know.
    private static let mayKnow: [String: Set<String>] = [
        "Platform": ["Platform"],
        "Protocols": ["Platform", "Protocols"],
        "Engine": ["Platform", "Engine"],
        "Rooms": ["Platform", "Engine", "Rooms"],
        "Shell": ["Platform", "Protocols", "Engine", "Rooms", "Shell"],
    ]

    /// What engine and rooms may use of the platform: values, no I/O.
    private static let pureModules: Set<String> = ["Basics", "JSON"]

    /// Modules of the toolchain and the system. Foundation is not among them.
    private static let system: Set<String> = ["Swift", "Glibc", "Synchronization"]

    /// The one target that sees each C library.
    private static let owners: [String: String] = [
        "CLibuv": "EventLoop", "CLibpq": "Postgres", "COpenSSL": "Crypto", "CZlib": "WebSocket",
        "CHTTPParser": "HTTP", "CSimdjson": "JSON",
    ]

    /// Product words, which the engine never says.
    private static let productWords = [
        "course", "student", "lecture", "lesson", "enrol", "instructor", "teacher", "customer",
    ]

    @Test func `every file imports only what its target declares`() throws {
        let declared = try declaredDependencies()
        var found: [String] = []
        for file in try SourceTree.sources() {
            let target = target(of: file)
            let allowed = try #require(declared[target], "\(file.path): no target \(target)")
            for (line, module) in file.imports
            where !allowed.contains(module) && !Self.system.contains(module) {
                found.append("\(file.path):\(line): imports \(module)")
            }
        }
        #expect(found == [])
    }

    @Test func `every target declares only what its layer may know`() throws {
        let layers = try layerOfTargets()
        var found: [String] = []
        for (target, dependencies) in try declaredDependencies() {
            guard let layer = layers[target], let known = Self.mayKnow[layer] else { continue }
            for dependency in dependencies {
                let below = layers[dependency] ?? "Platform"
                let isPure = Self.pureModules.contains(dependency)
                if !known.contains(below) {
                    found.append("\(target) in \(layer) declares \(dependency) of \(below)")
                } else if ["Engine", "Rooms"].contains(layer) && below == "Platform" && !isPure {
                    found.append("\(target) in \(layer) declares \(dependency), which does I/O")
                }
            }
        }
        #expect(found.sorted() == [])
    }

    @Test func `no room knows another room`() throws {
        let layers = try layerOfTargets()
        let rooms = Set(layers.filter { $0.value == "Rooms" }.keys).subtracting(["RoomContract"])
        #expect(rooms.count >= 3)
        for (target, dependencies) in try declaredDependencies() where rooms.contains(target) {
            let others = dependencies.intersection(rooms)
            #expect(others == [], "\(target)")
        }
    }

    @Test func `each C library is imported by exactly one target`() throws {
        var importers: [String: Set<String>] = [:]
        for file in try SourceTree.sources() {
            for (_, module) in file.imports where module.hasPrefix("C") {
                guard Self.owners[module] != nil else { continue }
                importers[module, default: []].insert(target(of: file))
            }
        }
        #expect(importers == Self.owners.mapValues { [$0] })
    }

    @Test func `the engine says no word of the product`() throws {
        var found: [String] = []
        for file in try SourceTree.files(in: "Sources/Engine", endings: ["swift", "md"]) {
            for (index, line) in file.lines.enumerated() {
                let text = line.lowercased()
                guard Self.productWords.contains(where: text.contains) else { continue }
                found.append("\(file.path):\(index + 1): \(line)")
            }
        }
        #expect(found == [])
    }

    @Test func `rooms never say socket or SQL`() throws {
        // Their documentation may say what they do not know; their code may not.
        var found: [String] = []
        for file in try SourceTree.files(in: "Sources/Rooms", endings: ["swift"]) {
            found += file.places { $0.contains(/(?i)\b(socket|websocket|postgres|sql|libuv)/) }
        }
        #expect(found == [])
    }

    // MARK: Reading Package.swift

    private func target(of file: SourceFile) -> String {
        let folders = file.folders
        return folders[1] == "Server" ? "rollcall" : folders[2]
    }

    private func layerOfTargets() throws -> [String: String] {
        var layers: [String: String] = [:]
        for match in try manifest().matches(of: /library\(\s*"(\w+)", in: "(\w+)"/) {
            layers[String(match.1)] = String(match.2)
        }
        try #require(layers.count >= 18)
        return layers
    }

    /// The dependencies of each target of ours under Sources.
    private func declaredDependencies() throws -> [String: Set<String>] {
        let manifest = try manifest()
        var declared: [String: Set<String>] = [:]
        for match in manifest.matches(of: /library\(\s*"(\w+)", in: "\w+",\s*\[([^\]]*)\]/) {
            declared[String(match.1)] = names(in: match.2)
        }
        let server = /name: "rollcall",\s*dependencies: \[([^\]]*)\]/
        for match in manifest.matches(of: server) {
            declared["rollcall"] = names(in: match.1)
        }
        return declared
    }

    private func names(in list: Substring) -> Set<String> {
        Set(list.matches(of: /"(\w+)"/).map { String($0.1) })
    }

    private func manifest() throws -> String {
        try String(contentsOf: SourceTree.root.appending(path: "Package.swift"), encoding: .utf8)
    }
}
