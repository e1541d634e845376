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

extension [UInt8] {
    /// Reads pairs of hexadecimal digits; anything else is a broken test.
    init(hex: String) {
        let digits = [UInt8](hex.utf8)
        precondition(digits.count % 2 == 0, "odd hex")
        self = stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)!
        }
    }

    var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
