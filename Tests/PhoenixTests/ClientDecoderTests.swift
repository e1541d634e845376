import JSON
import Testing

@testable import Phoenix

@Suite("Client decoder")
struct ClientDecoderTests {
    private let parser = JSONParser()

    @Test(arguments: EnvelopeVectors.shared.fromServer)
    func `the client reads what the server writes`(vector: EnvelopeVectors.Case) throws {
        let decoder = ClientDecoder(parser: parser)
        let envelope =
            vector.isBinary
            ? try decoder.decode(binary: vector.bytes)
            : try decoder.decode(text: vector.bytes, version: vector.version)
        let topic = vector.entry["topic"]?.string
        #expect(envelope.topic == topic)
        let payload = vector.bytes("payload", in: vector.entry)
        switch envelope.payload {
        case .reply(let status, let response), .binaryReply(let status, let response):
            #expect(status.rawValue == vector.entry["status"]?.string)
            #expect(response == payload)
            #expect(envelope.ref == vector.ref("ref", in: vector.entry))
        case .binary(let data): #expect(data == payload)
        case .userBroadcast(let broadcast):
            #expect(broadcast == vector.userBroadcast(vector.entry))
        case .json(let json):
            if vector.entry["call"]?.string != "alias", !payload.isEmpty {
                #expect(json == payload)
            }
        }
    }

    @Test(arguments: EnvelopeVectors.shared.fromServer)
    func `a frame cut at any byte never crashes the client`(vector: EnvelopeVectors.Case) {
        let decoder = ClientDecoder(parser: parser)
        var taken = 0
        for length in 0..<vector.bytes.count {
            let cut = Array(vector.bytes[..<length])
            let result = outcome { () throws(EnvelopeError) in
                vector.isBinary
                    ? try decoder.decode(binary: cut)
                    : try decoder.decode(text: cut, version: vector.version)
            }
            if case .success = result { taken += 1 }
        }
        // Binary data may end anywhere; text is whole or nothing.
        let most = vector.isBinary ? vector.bytes("payload", in: vector.entry).count : 0
        #expect(taken <= most)
    }

    @Test(arguments: [
        (#"[null,"1","t","phx_reply",{"response":{}}]"#, EnvelopeError.missingField(.status)),
        (#"[null,"1","t","phx_reply",{"status":"ok"}]"#, .missingField(.response)),
        (#"[null,"1","t","phx_reply",{"status":"fine","response":{}}]"#, .wrongType(.status)),
        (#"[null,"1","t","phx_reply",{"status":1,"response":{}}]"#, .wrongType(.status)),
        (#"[null,"1","t","phx_reply",[]]"#, .missingField(.status)),
    ])
    func `a reply without status or response is refused`(frame: String, error: EnvelopeError) {
        let decoder = ClientDecoder(parser: parser)
        #expect(throws: error) {
            try decoder.decode(text: Array(frame.utf8), version: .v2)
        }
    }

    @Test func `a client's own kind is refused`() {
        let decoder = ClientDecoder(parser: parser)
        #expect(throws: EnvelopeError.unknownBinaryKind(3)) { try decoder.decode(binary: [3]) }
        #expect(throws: EnvelopeError.unknownBinaryKind(9)) { try decoder.decode(binary: [9]) }
    }
}
