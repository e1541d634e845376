import Basics
import Foundation
import JSON
import Testing

@testable import Crypto

/// `Protocol/vectors/tokens.json`, whose own text says how it is meant.
struct TokenVectors: Sendable {
    struct Accepted: Sendable, CustomTestStringConvertible {
        let name: String
        let token: String
        let claims: JSONValue
        var testDescription: String { name }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let name: String
        let token: String
        let error: String
        var testDescription: String { name }
    }

    struct Standard: Sendable, CustomTestStringConvertible {
        let name: String
        let token: String
        let keys: KeySet
        let at: Timestamp?
        var testDescription: String { name }
    }

    let keys: KeySet
    let now: Timestamp
    let accepted: [Accepted]
    let refused: [Refused]
    let standards: [Standard]

    static let all: TokenVectors = {
        do {
            return try TokenVectors()
        } catch {
            preconditionFailure("the token vectors cannot be read: \(error)")
        }
    }()

    private init() throws {
        let file = URL(filePath: #filePath)
            .appending(path: "../../../Protocol/vectors/tokens.json").standardized
        let root = try JSONValue.parse(Array(try Data(contentsOf: file)))
        var keys = try KeySet.parse(jwks: root["jwks"]?.encoded() ?? [])
        try keys.add(secret: Array((root["secret"]?.string ?? "").utf8))
        self.keys = keys
        now = Timestamp(secondsSince1970: root["now"]?.integer ?? 0)
        accepted = (root["accepted"]?.array ?? []).map {
            Accepted(
                name: $0["name"]?.string ?? "", token: $0["token"]?.string ?? "",
                claims: $0["claims"] ?? .null)
        }
        refused = (root["refused"]?.array ?? []).map {
            Refused(
                name: $0["name"]?.string ?? "", token: $0["token"]?.string ?? "",
                error: $0["error"]?.string ?? "")
        }
        standards = try (root["rfc"]?.array ?? []).map { entry in
            Standard(
                name: entry["name"]?.string ?? "", token: entry["token"]?.string ?? "",
                keys: try TokenVectors.keys(of: entry),
                at: entry["at"]?.integer.map(Timestamp.init(secondsSince1970:)))
        }
    }

    private static func keys(of entry: JSONValue) throws -> KeySet {
        if let secret = entry["secret"]?.string {
            return try KeySet(secret: Base64URL.decode(secret) ?? [])
        }
        let set: JSONValue = ["keys": .array([entry["jwk"] ?? .null])]
        return try KeySet.parse(jwks: set.encoded())
    }
}

extension TokenError {
    /// The case's name, as the vectors write it.
    var name: String {
        switch self {
        case .malformed: "malformed"
        case .expired: "expired"
        case .notYetValid: "notYetValid"
        case .badSignature: "badSignature"
        case .unknownKey: "unknownKey"
        case .unsupportedAlgorithm: "unsupportedAlgorithm"
        case .unsupportedExtension: "unsupportedExtension"
        case .missingClaim: "missingClaim"
        case .refusedClaim: "refusedClaim"
        }
    }
}
