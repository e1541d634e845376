import Foundation
import JSON
import Testing

/// The inputs of `Protocol/vectors/json.json`.
struct JSONVectors {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        /// The name of the expected ``JSONError``; nil in good cases.
        let error: String?

        var testDescription: String { name }
    }

    let good: [Case]
    let bad: [Case]

    static let shared: JSONVectors = {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent()
            .appending(path: "../../Protocol/vectors/json.json")
        do {
            let root = try JSONValue.parse(Array(Data(contentsOf: file)))
            return JSONVectors(
                good: (root["good"]?.array ?? []).map(Case.init),
                bad: (root["bad"]?.array ?? []).map(Case.init))
        } catch {
            fatalError("\(file.path): \(error)")
        }
    }()
}

extension JSONVectors.Case {
    init(_ entry: JSONValue) {
        name = entry["name"]?.string ?? "?"
        error = entry["error"]?.string
        if let hex = entry["hex"]?.string {
            bytes = stride(from: 0, to: hex.count, by: 2).map { offset in
                let start = hex.index(hex.startIndex, offsetBy: offset)
                return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16) ?? 0
            }
        } else {
            let times = Int(entry["times"]?.integer ?? 1)
            let text = entry["text"]?.string ?? ""
            let middle = entry["middle"]?.string ?? ""
            let close = entry["close"]?.string ?? ""
            let opening = String(repeating: text, count: times)
            bytes = Array((opening + middle + String(repeating: close, count: times)).utf8)
        }
    }
}
