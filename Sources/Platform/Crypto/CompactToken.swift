import Basics
import JSON

/// A signed token cut into its parts (RFC 7515 §7.1), nothing of it trusted yet.
struct CompactToken {
    /// The largest token that is looked at, in bytes. Ours have 300 to 900; a provider's with
    /// many groups reaches 4 KiB, which is also where headers and URLs begin to be refused.
    static let mostBytes = 8_192

    let header: TokenHeader
    /// Header and payload as they were signed, the dot between them included.
    let signed: ArraySlice<UInt8>
    let signature: [UInt8]
    private let payload: ArraySlice<UInt8>

    init(_ token: String, parser: JSONParser) throws(TokenError) {
        guard token.utf8.count <= CompactToken.mostBytes else { throw .malformed }
        let bytes = Array(token.utf8)
        let parts = bytes.split(
            separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        // Three exactly: five would be an encrypted token (RFC 7516 §9).
        guard parts.count == 3 else { throw .malformed }
        payload = parts[1]
        signed = bytes[..<parts[1].endIndex]
        signature = try CompactToken.decode(parts[2])
        header = try TokenHeader(try CompactToken.object(parts[0], parser))
    }

    /// The claims. Ask only after the signature was found valid.
    func claims(_ parser: JSONParser) throws(TokenError) -> JSONObject {
        try CompactToken.object(payload, parser)
    }

    private static func object(
        _ part: ArraySlice<UInt8>, _ parser: JSONParser
    ) throws(TokenError) -> JSONObject {
        let bytes = try decode(part)
        let root: JSONValue
        do throws(JSONError) {
            root = try parser.parse(bytes).value
        } catch {
            throw .malformed
        }
        guard let object = root.object else { throw .malformed }
        return object
    }

    /// Strict: no padding (RFC 7515 §2), and only the one text that encoding gives, so that
    /// nobody can write the same token in two ways.
    private static func decode(_ part: ArraySlice<UInt8>) throws(TokenError) -> [UInt8] {
        let text = String(decoding: part, as: UTF8.self)
        guard let bytes = Base64URL.decode(text), Base64URL.encode(bytes) == text else {
            throw .malformed
        }
        return bytes
    }
}

/// What a token's header says about its signature.
struct TokenHeader {
    let algorithm: TokenAlgorithm
    let keyID: String?

    init(_ object: JSONObject) throws(TokenError) {
        guard let name = object["alg"]?.string else { throw .malformed }
        guard let algorithm = TokenAlgorithm(rawValue: name) else { throw .unsupportedAlgorithm }
        if object["crit"] != nil { throw .unsupportedExtension }
        if let id = object["kid"], id.string == nil { throw .malformed }
        self.algorithm = algorithm
        keyID = object["kid"]?.string
    }
}
