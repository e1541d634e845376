import Testing

@testable import JSON

@Suite("JSON parser (RFC 8259)")
struct JSONParserTests {
    @Test(arguments: JSONVectors.shared.good)
    func `what is JSON is taken`(vector: JSONVectors.Case) throws {
        let kind = try JSONParser().parse(vector.bytes).kind
        #expect(vector.bytes.contains { $0 > 0x20 }, "\(kind)")
    }

    @Test(arguments: JSONVectors.shared.bad)
    func `what is not JSON is refused by name`(vector: JSONVectors.Case) {
        let error = refusal(of: vector.bytes)
        let name = error.map { "\($0)" }
        #expect(name == vector.error)
    }

    @Test(arguments: JSONVectors.shared.good + JSONVectors.shared.bad)
    func `a document cut at any byte never crashes`(vector: JSONVectors.Case) {
        let parser = JSONParser()
        for length in 0..<min(vector.bytes.count, 200) {
            let cut = Array(vector.bytes[..<length])
            guard case .success(let root) = result(of: cut, by: parser) else { continue }
            let end = cut.last { $0 > 0x20 }
            if root.kind == .array { #expect(end == UInt8(ascii: "]")) }
            if root.kind == .object { #expect(end == UInt8(ascii: "}")) }
        }
    }

    @Test func `the size limit is exact`() throws {
        let parser = JSONParser(maximumBytes: 1_000)
        let atLimit = text(of: 1_000)
        let length = try parser.parse(atLimit).stringBytes
        #expect(length == 998)
        let beyond = refusal(of: text(of: 1_001), by: parser)
        #expect(beyond == .tooLarge)
    }

    @Test func `one parser serves good, bad, large and small documents in turn`() throws {
        let parser = JSONParser()
        for size in [10, 100_000, 10, 1 << 20, 50, 65_536, 65_537, 3] {
            let length = try parser.parse(text(of: size)).stringBytes
            #expect(length == size - 2)
            let error = refusal(of: Array("[1,".utf8), by: parser)
            #expect(error == .malformed)
            let deep = String(repeating: "[", count: 65) + "1" + String(repeating: "]", count: 65)
            let tooDeep = refusal(of: Array(deep.utf8), by: parser)
            #expect(tooDeep == .tooDeep, "after \(size) bytes")
        }
    }

    @Test func `buffers grown for one large document are given back`() throws {
        let parser = JSONParser()
        _ = try parser.parse(text(of: JSONParser.keptBytes))
        let kept = parser.capacityBytes
        _ = try parser.parse(text(of: 3))
        #expect(parser.capacityBytes == kept, "at the limit they are kept")
        _ = try parser.parse(text(of: JSONParser.keptBytes + 1))
        _ = try parser.parse(text(of: 3))
        #expect(parser.capacityBytes < 1_000)
    }

    private func text(of size: Int) -> [UInt8] {
        [UInt8(ascii: "\"")] + [UInt8](repeating: UInt8(ascii: "x"), count: size - 2)
            + [UInt8(ascii: "\"")]
    }
}

/// The error `bytes` are refused with; nil when they are taken.
func refusal(of bytes: [UInt8], by parser: JSONParser = JSONParser()) -> JSONError? {
    switch result(of: bytes, by: parser) {
    case .success: nil
    case .failure(let error): error
    }
}

/// What `parser` makes of `bytes`, as a value.
func result(of bytes: [UInt8], by parser: JSONParser) -> Result<JSONElement, JSONError> {
    do {
        return .success(try parser.parse(bytes))
    } catch {
        return .failure(error)
    }
}
