import JSON
import Testing

@testable import Phoenix

/// What breaks clients that exist, by the client it would break. Seen with phoenix.js 1.9.0-dev,
/// realtime-js of August 2026 and PyPI's realtime 2.34.1; read in supabase-swift and -kt.
@Suite("Stock clients")
struct StockClientTests {
    private static let topics = ["t", "realtime:course:42", "a\"\\b", "é😀", "", "\n"]
    private let parser = JSONParser()
    private let object = Array(#"{"reason":"x"}"#.utf8)

    /// Everything an encoder can write about `topic`.
    private func frames(_ version: WireVersion, _ topic: String) -> [[UInt8]] {
        let encoder = EnvelopeEncoder(version: version)
        var frames = [[UInt8]](repeating: [], count: 8)
        encoder.reply(.ok, object, to: "2", joinRef: "1", topic: topic, into: &frames[0])
        encoder.reply(.error, object, to: nil, joinRef: nil, topic: topic, into: &frames[1])
        encoder.push("e", object, joinRef: "1", topic: topic, into: &frames[2])
        encoder.broadcast("e", object, topic: topic, into: &frames[3])
        encoder.aliasBroadcast("e", object, meta: object, topic: topic, into: &frames[4])
        encoder.aliasBroadcast("e\"", object, meta: nil, topic: topic, into: &frames[5])
        encoder.close(topic: topic, joinRef: "1", into: &frames[6])
        encoder.error(topic: topic, joinRef: nil, into: &frames[7])
        return frames
    }

    @Test(arguments: topics)
    func `realtime from PyPI gets exactly topic, event, payload and ref`(topic: String) throws {
        for frame in frames(.v1, topic) {
            let envelope = try parser.value(of: frame)
            let names = envelope.object?.members.map(\.name)
            #expect(names == ["topic", "event", "payload", "ref"])
            #expect(envelope["topic"]?.string == topic)
            #expect(envelope["payload"]?.object != nil, "its models want an object")
        }
    }

    @Test func `realtime from PyPI gets a null ref with every push`() throws {
        let frames = frames(.v1, "t")
        for frame in frames[2...5] {
            let ref = try parser.value(of: frame)["ref"]
            #expect(ref == .null)
        }
    }

    @Test func `realtime from PyPI heartbeats without a ref and is answered`() throws {
        let heartbeat = Array(
            #"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":null}"#.utf8)
        let decoder = EnvelopeDecoder(parser: parser)
        let envelope = try decoder.decode(text: heartbeat, version: .v1)
        #expect(envelope.ref == nil)
        var frame: [UInt8] = []
        EnvelopeEncoder(version: .v1).reply(
            .ok, EnvelopeEncoder.emptyObject, to: envelope.ref, joinRef: envelope.joinRef,
            topic: envelope.topic, into: &frame)
        let ref = try parser.value(of: frame)["ref"]
        #expect(ref == .null)
    }

    @Test(arguments: topics)
    func `phoenix.js gets arrays of five`(topic: String) throws {
        for frame in frames(.v2, topic) {
            let elements = try parser.value(of: frame).array ?? []
            #expect(elements.count == 5)
            #expect(elements[2].string == topic)
        }
    }

    @Test func `phoenix.js and realtime-js get JSON broadcasts as text, not as kind 4`() {
        let broadcasts = frames(.v2, "t")[3...5]
        let opening = broadcasts.map(\.first)
        #expect(opening.allSatisfy { $0 == UInt8(ascii: "[") })
    }

    @Test(arguments: [WireVersion.v1, .v2])
    func `phoenix.js and realtime take an end as theirs only by the join's ref`(
        version: WireVersion
    ) throws {
        var ends = [[UInt8]](repeating: [], count: 2)
        let encoder = EnvelopeEncoder(version: version)
        encoder.close(topic: "t", joinRef: "7", into: &ends[0])
        encoder.error(topic: "t", joinRef: "7", into: &ends[1])
        let decoder = ClientDecoder(parser: parser)
        for end in ends {
            let envelope = try decoder.decode(text: end, version: version)
            #expect(envelope.ref == "7")
            #expect(envelope.joinRef == (version == .v1 ? nil : "7"))
        }
    }

    @Test func `supabase-swift and supabase-kt find the position in meta.id, which is text`() throws
    {
        var frame: [UInt8] = []
        EnvelopeEncoder(version: .v2).aliasBroadcast(
            "message", object, meta: Array(#"{"id":"a1-17"}"#.utf8),
            topic: "realtime:course:42", into: &frame)
        let payload = try parser.value(of: frame).array?[4]
        #expect(payload?["meta"]?["id"]?.string == "a1-17")
        #expect(payload?["type"]?.string == "broadcast")
        #expect(payload?["event"]?.string == "message")
        #expect(payload?["payload"]?["reason"]?.string == "x")
    }

    @Test func `realtime-js broadcasts in binary and everybody else reads text`() throws {
        let sent = UserBroadcast(event: "cursor", payload: object, isJSON: true)
        var frame: [UInt8] = []
        try ClientEncoder.userBroadcast(
            sent, ref: "5", joinRef: "1", topic: "realtime:room", into: &frame)
        let decoder = EnvelopeDecoder(parser: parser)
        let envelope = try decoder.decode(binary: frame, version: .v2)
        #expect(envelope.event == "broadcast")
        guard case .userBroadcast(let broadcast) = envelope.payload else {
            Issue.record("not a user broadcast")
            return
        }
        let payload = try parser.value(of: try #require(broadcast.textPayload))
        let expected: JSONValue = [
            "type": "broadcast", "event": "cursor", "payload": ["reason": "x"],
        ]
        #expect(payload == expected)
    }

    @Test(arguments: [
        #"{"__proto__":{"metas":[]}}"#, #"{"n":12345678901234567,"d":1.10,"e":1E5}"#,
        #"{ "spaced" : [ 1 , 2 ] }"#, #"{"u":"\u00e9\/"}"#, #"{"a":1,"a":2}"#,
    ])
    func `every client gets the payload another one sent, byte for byte`(payload: String) throws {
        var sent: [UInt8] = []
        ClientEncoder(version: .v1).push(
            "e", Array(payload.utf8), ref: "1", joinRef: nil, topic: "t", into: &sent)
        let decoder = EnvelopeDecoder(parser: parser)
        guard case .json(let json) = try decoder.decode(text: sent, version: .v1).payload else {
            Issue.record("not JSON")
            return
        }
        var received: [UInt8] = []
        EnvelopeEncoder(version: .v2).broadcast("e", json, topic: "t", into: &received)
        let text = String(decoding: received, as: UTF8.self)
        #expect(text == #"[null,null,"t","e",\#(payload)]"#)
    }
}
