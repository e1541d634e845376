import JSON
import Testing

@testable import Phoenix

@Suite("Binary encoder")
struct BinaryEncoderTests {
    @Test(arguments: EnvelopeVectors.shared.fromServer.filter(\.isBinary))
    func `a client gets exactly these bytes`(vector: EnvelopeVectors.Case) throws {
        let entry = vector.entry
        let topic = entry["topic"]?.string ?? ""
        let event = entry["event"]?.string ?? ""
        let payload = vector.bytes("payload", in: entry)
        let joinRef = vector.ref("joinRef", in: entry)
        var frame: [UInt8] = []
        switch entry["call"]?.string {
        case "push":
            try BinaryEncoder.push(event, payload, joinRef: joinRef, topic: topic, into: &frame)
        case "reply":
            try BinaryEncoder.reply(
                .ok, payload, to: vector.ref("ref", in: entry), joinRef: joinRef,
                topic: topic, into: &frame)
        case "broadcast":
            try BinaryEncoder.broadcast(event, payload, topic: topic, into: &frame)
        case "userBroadcast":
            try BinaryEncoder.userBroadcast(
                vector.userBroadcast(entry), topic: topic, into: &frame)
        case let call: Issue.record("unknown call \(call ?? "")")
        }
        #expect(frame == vector.bytes)
    }

    @Test func `a part of 255 bytes fits, one of 256 is refused`() throws {
        var frame: [UInt8] = []
        let longest = String(repeating: "x", count: 255)
        try BinaryEncoder.broadcast("e", [], topic: longest, into: &frame)
        #expect(frame.count == 3 + 255 + 1)
        frame = [9]
        let topic = outcome { () throws(EnvelopeError) in
            try BinaryEncoder.broadcast("e", [], topic: longest + "x", into: &frame)
        }
        #expect(failure(of: topic) == .tooLong(.topic))
        let metadata = [UInt8](repeating: 0x20, count: 256)
        let broadcast = UserBroadcast(
            event: "e", metadata: metadata, payload: [], isJSON: false)
        let meta = outcome { () throws(EnvelopeError) in
            try BinaryEncoder.userBroadcast(broadcast, topic: "t", into: &frame)
        }
        #expect(failure(of: meta) == .tooLong(.metadata))
        #expect(frame == [9], "a refused frame leaves nothing behind")
    }

    private func failure(of result: Result<Void, EnvelopeError>) -> EnvelopeError? {
        switch result {
        case .success: nil
        case .failure(let error): error
        }
    }
}
