import JSON
import Testing

@testable import Phoenix

@Suite("Envelope encoder")
struct EnvelopeEncoderTests {
    @Test(arguments: EnvelopeVectors.shared.fromServer.filter { !$0.isBinary })
    func `a client gets exactly these bytes`(vector: EnvelopeVectors.Case) {
        let entry = vector.entry
        let protects = entry["protects"]?.string ?? ""
        let written = encoded(vector)
        let expected = entry["text"]?.string
        #expect(String(decoding: written, as: UTF8.self) == expected, "\(protects)")
    }

    @Test(arguments: EnvelopeVectors.shared.fromServer.filter { !$0.isBinary })
    func `whatever is written is appended`(vector: EnvelopeVectors.Case) {
        let alone = encoded(vector)
        let behind = encoded(vector, into: [1, 2, 3])
        #expect(behind == [1, 2, 3] + alone)
    }

    @Test func `a broadcast grows its output at most once`() {
        for version in WireVersion.allCases {
            var frame: [UInt8] = []
            frame.reserveCapacity(1_000)
            let before = frame.withUnsafeBufferPointer { $0.baseAddress }
            let payload = [UInt8](repeating: UInt8(ascii: "1"), count: 300)
            let encoder = EnvelopeEncoder(version: version)
            encoder.broadcast("message", payload, topic: "course:42", into: &frame)
            let after = frame.withUnsafeBufferPointer { $0.baseAddress }
            #expect(before == after, "room was there, and yet it moved")
        }
    }

    private func encoded(
        _ vector: EnvelopeVectors.Case, into start: [UInt8] = []
    ) -> [UInt8] {
        let entry = vector.entry
        let encoder = EnvelopeEncoder(version: vector.version)
        let topic = entry["topic"]?.string ?? ""
        let event = entry["event"]?.string ?? ""
        let payload = vector.bytes("payload", in: entry)
        let joinRef = vector.ref("joinRef", in: entry)
        var frame = start
        switch entry["call"]?.string {
        case "reply":
            let status = ReplyStatus(rawValue: entry["status"]?.string ?? "") ?? .error
            encoder.reply(
                status, payload, to: vector.ref("ref", in: entry), joinRef: joinRef,
                topic: topic, into: &frame)
        case "push":
            encoder.push(event, payload, joinRef: joinRef, topic: topic, into: &frame)
        case "broadcast": encoder.broadcast(event, payload, topic: topic, into: &frame)
        case "alias":
            let meta = entry["meta"] == nil ? nil : vector.bytes("meta", in: entry)
            encoder.aliasBroadcast(event, payload, meta: meta, topic: topic, into: &frame)
        case "close": encoder.close(topic: topic, joinRef: joinRef, into: &frame)
        case "error":
            encoder.error(topic: topic, joinRef: joinRef, payload: payload, into: &frame)
        case let call: Issue.record("unknown call \(call ?? "")")
        }
        return frame
    }
}
