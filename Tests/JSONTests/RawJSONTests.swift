import Basics
import JSON
import Testing

@Suite("Raw JSON")
struct RawJSONTests {
    private func child(_ ordinal: Int, of count: Int, in text: String) -> String {
        let bytes = Array(text.utf8)
        let range = RawJSON.child(ordinal, of: count, in: bytes.span)
        return String(decoding: bytes[range], as: UTF8.self)
    }

    @Test func `elements are found byte for byte`() {
        let text = #" [ null ,"a]\"\\" , { "x" : [ "}" ] } ,-1.5e3,  [ ] ] "#
        let found = (0..<5).map { child($0, of: 5, in: text) }
        #expect(found == ["null", #""a]\"\\""#, #"{ "x" : [ "}" ] }"#, "-1.5e3", "[ ]"])
    }

    @Test func `members are found behind names with colons, quotes and escapes`() {
        let text = #"{"a:\"{":1,"\\":{"b":2} , "c" : "}" }"#
        let found = (0..<3).map { child($0, of: 3, in: text) }
        #expect(found == ["1", #"{"b":2}"#, #""}""#])
    }

    @Test func `bytes that were never validated give no range out of bounds`() {
        for text in ["", "[", "{", "[\"", "{\"a", "{\"a\":", "]", "   ", "\"\\", "[[[[", "{{{{"] {
            let bytes = Array(text.utf8)
            for ordinal in 0..<3 {
                let range = RawJSON.child(ordinal, of: 3, in: bytes.span)
                #expect(range.lowerBound >= 0 && range.upperBound <= bytes.count, "\(text)")
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `of 1,000 mutated documents every slice parses to what stood there`(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        let parser = JSONParser()
        let second = JSONParser()
        var taken = 0
        for _ in 0..<1_000 {
            let bytes = mutated(RawJSONTests.seeds.randomElement(using: &random) ?? [], &random)
            guard case .success(let root) = result(of: bytes, by: parser) else { continue }
            taken += 1
            for (ordinal, child) in root.children.enumerated() {
                let range = RawJSON.child(ordinal, of: root.count, in: bytes.span)
                let slice = try second.parse(Array(bytes[range])).value
                #expect(slice == child.value.value, "seed \(seed)")
                let ends = (bytes[range].first, bytes[range].last)
                #expect(ends.0 != UInt8(ascii: " ") && ends.1 != UInt8(ascii: " "))
            }
        }
        #expect(taken > 100, "seed \(seed): the mutations left too little valid JSON")
    }

    private static let seeds: [[UInt8]] = [
        #"["1","2","realtime:a","broadcast",{"event":"e","payload":{"a":[1,2]},"type":"b"}]"#,
        #"{"topic":"t","event":"e","payload":{"x\"}":"]\\"},"ref":null,"join_ref":"1"}"#,
        #"[ [ ] , { } , "" , null , true , false , 0 , -1.5e10 , "\u0041\ud83d\ude00" ]"#,
        #"{"a":{"a":{"a":{"a":"é😀"}}},"b":[[[["}{"]]]],"c":"\\\"","d":1}"#,
    ].map { Array($0.utf8) }

    /// One to three small changes: a byte replaced, removed, inserted, or a piece repeated.
    private func mutated(_ seed: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var bytes = seed
        let alphabet = Array(#"[]{}",:\ 019eE.-tfnu"#.utf8) + [0xC3, 0x00]
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let byte = alphabet.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = byte
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(byte, at: place)
            default:
                let end = Int.random(in: place...bytes.count, using: &random)
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }
}
