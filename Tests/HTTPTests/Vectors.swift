import Foundation
import Testing

/// Loads a file of `Protocol/vectors`; a missing or empty one is a failure, never a pass.
enum Vectors {
    struct File<Vector: Decodable>: Decodable {
        let about: String
        let vectors: [Vector]
    }

    static func load<Vector: Decodable>(_ name: String, as type: Vector.Type) throws -> [Vector] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let url = root.appending(path: "Protocol/vectors/\(name).json")
        let file = try JSONDecoder().decode(File<Vector>.self, from: Data(contentsOf: url))
        try #require(!file.vectors.isEmpty, "\(name) has no vectors")
        return file.vectors
    }
}

extension String {
    /// Each character as one byte, U+0000 to U+00FF.
    var bytes: [UInt8] { unicodeScalars.map { UInt8($0.value) } }
}

extension [UInt8] {
    /// The bytes in two pieces, cut at `index`.
    func cut(at index: Int) -> [ArraySlice<UInt8>] { [self[..<index], self[index...]] }

    /// The bytes one by one.
    var singly: [ArraySlice<UInt8>] { indices.map { self[$0...$0] } }
}
