import JSON
import Testing

@testable import Phoenix

@Suite("Client encoder")
struct ClientEncoderTests {
    private let parser = JSONParser()

    @Test(arguments: WireVersion.allCases)
    func `the server reads what the client writes`(version: WireVersion) throws {
        let decoder = EnvelopeDecoder(parser: parser)
        let encoder = ClientEncoder(version: version)
        let payload = Array(#"{"a": [1]}"#.utf8)

        var frame: [UInt8] = []
        encoder.join("course:42", payload, ref: "1", into: &frame)
        let join = try decoder.decode(text: frame, version: version)
        let expected = Envelope(
            joinRef: "1", ref: "1", topic: "course:42", event: "phx_join",
            payload: .json(payload))
        #expect(join == expected)

        frame = []
        encoder.leave("course:42", ref: "3", joinRef: "1", into: &frame)
        let leave = try decoder.decode(text: frame, version: version)
        #expect(leave.event == "phx_leave" && leave.joinRef == "1" && leave.ref == "3")

        frame = []
        encoder.heartbeat(ref: nil, into: &frame)
        let heartbeat = try decoder.decode(text: frame, version: version)
        #expect(heartbeat.topic == "phoenix" && heartbeat.ref == nil)

        frame = []
        encoder.push("a\"b", payload, ref: .integer(4), joinRef: nil, topic: "é", into: &frame)
        let push = try decoder.decode(text: frame, version: version)
        #expect(push.event == "a\"b" && push.topic == "é" && push.ref == .integer(4))
    }

    @Test func `the server reads the client's binary frames`() throws {
        let decoder = EnvelopeDecoder(parser: parser)
        var frame: [UInt8] = []
        try ClientEncoder.binaryPush(
            "e", [0xFF], ref: "2", joinRef: "1", topic: "t", into: &frame)
        let push = try decoder.decode(binary: frame, version: .v2)
        let expected = Envelope(
            joinRef: "1", ref: "2", topic: "t", event: "e", payload: .binary([0xFF]))
        #expect(push == expected)

        frame = []
        let broadcast = UserBroadcast(
            event: "cursor", metadata: Array("{}".utf8), payload: Array("[1]".utf8), isJSON: true)
        try ClientEncoder.userBroadcast(
            broadcast, ref: "2", joinRef: nil, topic: "t", into: &frame)
        let relayed = try decoder.decode(binary: frame, version: .v2)
        let relayedExpected = Envelope(
            joinRef: nil, ref: "2", topic: "t", event: "broadcast",
            payload: .userBroadcast(broadcast))
        #expect(relayed == relayedExpected)
    }
}
