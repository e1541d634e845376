import Basics
import JSON
import Testing

@testable import Phoenix

@Suite("Envelope decoder")
struct EnvelopeDecoderTests {
    private let decoder = EnvelopeDecoder(parser: JSONParser())

    private func decode(
        _ bytes: [UInt8], _ version: WireVersion, binary: Bool
    ) throws(EnvelopeError) -> Envelope {
        binary
            ? try decoder.decode(binary: bytes, version: version)
            : try decoder.decode(text: bytes, version: version)
    }

    @Test(arguments: EnvelopeVectors.shared.good)
    func `what a client sends is understood`(vector: EnvelopeVectors.Case) throws {
        let expected = vector.entry["expect"]
        let envelope = try decode(vector.bytes, vector.version, binary: vector.isBinary)
        let topic = expected?["topic"]?.string
        let event = expected?["event"]?.string
        let refs = [vector.ref("joinRef", in: expected), vector.ref("ref", in: expected)]
        #expect(envelope.topic == topic)
        #expect(envelope.event == event)
        #expect([envelope.joinRef, envelope.ref] == refs)
        #expect(envelope.payload == payload(vector, expected))
    }

    private func payload(
        _ vector: EnvelopeVectors.Case, _ expected: JSONValue?
    ) -> Envelope.Payload? {
        if expected?["json"] != nil { return .json(vector.bytes("json", in: expected)) }
        if expected?["binary"] != nil { return .binary(vector.bytes("binary", in: expected)) }
        return .userBroadcast(vector.userBroadcast(expected?["userBroadcast"]))
    }

    @Test(arguments: EnvelopeVectors.shared.bad)
    func `what is no envelope is refused by name`(vector: EnvelopeVectors.Case) {
        let expected = vector.entry["error"]?.string
        let result = outcome { () throws(EnvelopeError) in
            try decode(vector.bytes, vector.version, binary: vector.isBinary)
        }
        guard case .failure(let error) = result else {
            Issue.record("taken: \(result)")
            return
        }
        #expect(name(of: error) == expected)
    }

    @Test(arguments: EnvelopeVectors.shared.good + EnvelopeVectors.shared.bad)
    func `a frame cut at any byte never crashes and never reads beyond it`(
        vector: EnvelopeVectors.Case
    ) {
        for length in 0..<vector.bytes.count {
            let cut = Array(vector.bytes[..<length])
            for version in WireVersion.allCases {
                for binary in [true, false] {
                    let result = outcome { () throws(EnvelopeError) in
                        try decode(cut, version, binary: binary)
                    }
                    if case .success(let envelope) = result {
                        #expect(size(of: envelope) <= length)
                    }
                }
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `1,000 mutated frames are taken or refused, and what is taken is valid`(seed: UInt64) {
        var random = Seeded(seed: seed)
        let frames = EnvelopeVectors.shared.good + EnvelopeVectors.shared.bad
        let parser = JSONParser()
        var taken = 0
        for _ in 0..<1_000 {
            guard let vector = frames.randomElement(using: &random) else { continue }
            let bytes = mutated(vector.bytes, &random)
            let result = outcome { () throws(EnvelopeError) in
                try decode(bytes, vector.version, binary: vector.isBinary)
            }
            guard case .success(let envelope) = result else { continue }
            taken += 1
            #expect(envelope.topic.utf8.count <= Envelope.maximumTopicBytes)
            #expect(envelope.event.utf8.count <= Envelope.maximumEventBytes)
            let json: [UInt8]?
            switch envelope.payload {
            case .json(let bytes): json = bytes
            case .binary: json = nil
            case .userBroadcast(let broadcast): json = broadcast.textPayload
            }
            guard let json else { continue }
            let isValid = (try? parser.parse(json)) != nil
            #expect(isValid, "seed \(seed): \(String(decoding: json, as: UTF8.self))")
        }
        #expect(taken > 50, "seed \(seed): the mutations left too few envelopes")
    }

    private func mutated(_ frame: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var bytes = frame
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
            default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
        return bytes
    }

    private func size(of envelope: Envelope) -> Int {
        let texts = envelope.topic.utf8.count + envelope.event.utf8.count
        switch envelope.payload {
        case .json(let bytes), .binary(let bytes): return texts + bytes.count
        // Its event, always `broadcast`, is not in the frame.
        case .userBroadcast(let broadcast):
            return envelope.topic.utf8.count + broadcast.event.utf8.count
                + broadcast.metadata.count + broadcast.payload.count
        }
    }

    /// The error as the vectors spell it.
    private func name(of error: EnvelopeError) -> String {
        switch error {
        case .malformed(let json): "malformed(\(json))"
        case .unstorableText(let address):
            "unstorableText(\(address.ref?.description ?? "no ref") on \(address.topic))"
        case .missingField(let field): "missingField(\(field.rawValue))"
        case .wrongType(let field): "wrongType(\(field.rawValue))"
        case .tooLong(let field): "tooLong(\(field.rawValue))"
        case .invalidUTF8(let field): "invalidUTF8(\(field.rawValue))"
        case .notAnArray, .notAnObject, .binaryOnV1, .truncatedBinary, .unknownBinaryKind,
            .unknownEncoding:
            "\(error)"
        }
    }
}
