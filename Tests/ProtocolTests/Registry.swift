import Foundation
import JSON
import Testing

/// The files of `Protocol/`, as the repository holds them.
enum Registry {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The entries of a registry such as `errors.json`.
    static func entries(_ name: String) throws -> [JSONValue] {
        let value = try JSONValue.parse(Array(text("Protocol/\(name)").utf8))
        return try #require(value.array, "\(name) is a list")
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The names of the files in a folder.
    static func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: root.appending(path: folder).path(percentEncoded: false)
        ).sorted()
    }
}
