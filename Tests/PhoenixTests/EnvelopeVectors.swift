import Foundation
import JSON
import Testing

@testable import Phoenix

/// The frames of `Protocol/vectors/phoenix-envelopes.json`.
struct EnvelopeVectors {
    /// One frame and what stands about it in the file.
    struct Case: Sendable, CustomTestStringConvertible {
        let entry: JSONValue
        let version: WireVersion
        let isBinary: Bool
        let bytes: [UInt8]

        var testDescription: String {
            "\(entry["name"]?.string ?? "?"), V\(version.rawValue + 1)"
        }
    }

    let good: [Case]
    let bad: [Case]
    let fromServer: [Case]

    static let shared: EnvelopeVectors = {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent()
            .appending(path: "../../Protocol/vectors/phoenix-envelopes.json")
        do {
            let root = try JSONValue.parse(Array(Data(contentsOf: file)))
            return EnvelopeVectors(
                good: (root["clientToServer"]?["good"]?.array ?? []).map(Case.init),
                bad: (root["clientToServer"]?["bad"]?.array ?? []).map(Case.init),
                fromServer: (root["serverToClient"]?.array ?? []).map(Case.init))
        } catch {
            fatalError("\(file.path): \(error)")
        }
    }()

    /// Text as it stands; hexadecimal behind a `#`.
    static func bytes(_ notation: String) -> [UInt8] {
        guard notation.first == "#" else { return Array(notation.utf8) }
        let digits = Array(notation.dropFirst())
        return stride(from: 0, to: digits.count, by: 2).map { place in
            UInt8(String(digits[place..<place + 2]), radix: 16) ?? 0
        }
    }
}

extension EnvelopeVectors.Case {
    init(_ entry: JSONValue) {
        self.entry = entry
        version = entry["version"]?.integer == 1 ? .v1 : .v2
        let parts = entry["binary"]?.array
        isBinary = parts != nil
        bytes =
            parts?.flatMap { EnvelopeVectors.bytes($0.string ?? "") }
            ?? Array((entry["text"]?.string ?? "").utf8)
    }

    func ref(_ name: String, in object: JSONValue?) -> Ref? {
        object?[name]?.integer.map(Ref.integer) ?? object?[name]?.string.map(Ref.text)
    }

    func bytes(_ name: String, in object: JSONValue?) -> [UInt8] {
        EnvelopeVectors.bytes(object?[name]?.string ?? "")
    }

    func userBroadcast(_ object: JSONValue?) -> UserBroadcast {
        UserBroadcast(
            event: object?["event"]?.string ?? "", metadata: bytes("metadata", in: object),
            payload: bytes("payload", in: object), isJSON: object?["isJSON"]?.bool ?? false)
    }
}

/// What a decoder made of a frame.
func outcome<Success>(
    _ decode: () throws(EnvelopeError) -> Success
) -> Result<Success, EnvelopeError> {
    do {
        return .success(try decode())
    } catch {
        return .failure(error)
    }
}
