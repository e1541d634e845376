package import JSON

/// Reads what the server sends, for the load harness and for tests of the server.
package struct ClientDecoder {
    private let parser: JSONParser
    private let envelopes: EnvelopeDecoder

    /// A decoder on its loop's parser.
    package init(parser: JSONParser) {
        self.parser = parser
        envelopes = EnvelopeDecoder(parser: parser)
    }

    /// Decodes a text frame.
    package func decode(
        text: [UInt8], version: WireVersion
    ) throws(EnvelopeError) -> ServerEnvelope {
        let envelope = try envelopes.decode(text: text, version: version)
        // Text decodes to nothing else.
        guard case .json(let json) = envelope.payload else { throw .wrongType(.payload) }
        return ServerEnvelope(
            joinRef: envelope.joinRef, ref: envelope.ref, topic: envelope.topic,
            event: envelope.event,
            payload: envelope.event == ControlEvent.reply ? try reply(json) : .json(json))
    }

    /// Decodes a binary frame (V2 only): kinds 0, 1, 2 and 4.
    package func decode(binary: [UInt8]) throws(EnvelopeError) -> ServerEnvelope {
        var reader = BinaryReader(binary)
        let kind = try reader.byte()
        switch BinaryKind(rawValue: kind) {
        case .push: return try decodePush(&reader)
        case .reply: return try decodeReply(&reader)
        case .broadcast: return try decodeBroadcast(&reader)
        case .userBroadcast: return try decodeUserBroadcast(&reader)
        case .userBroadcastPush, nil: throw .unknownBinaryKind(kind)
        }
    }

    private func reply(_ json: [UInt8]) throws(EnvelopeError) -> ServerEnvelope.Payload {
        let root: JSONElement
        do {
            root = try parser.parse(json)
        } catch {
            throw .malformed(error)
        }
        guard let status = root["status"] else { throw .missingField(.status) }
        guard let response = root.member("response") else { throw .missingField(.response) }
        let range = RawJSON.child(response.ordinal, of: root.count, in: json.span)
        return .reply(try ClientDecoder.status(status.string ?? ""), Array(json[range]))
    }

    /// `00 | joinRefLen | topicLen | eventLen | joinRef topic event data`
    private func decodePush(
        _ reader: inout BinaryReader
    ) throws(EnvelopeError) -> ServerEnvelope {
        let joinRefLength = try reader.byte()
        let topicLength = try reader.byte()
        let eventLength = try reader.byte()
        return ServerEnvelope(
            joinRef: try reader.ref(.joinRef, joinRefLength), ref: nil,
            topic: try reader.text(.topic, topicLength),
            event: try reader.text(.event, eventLength), payload: .binary(reader.rest()))
    }

    /// `01 | joinRefLen | refLen | topicLen | statusLen | joinRef ref topic status data`
    private func decodeReply(
        _ reader: inout BinaryReader
    ) throws(EnvelopeError) -> ServerEnvelope {
        let joinRefLength = try reader.byte()
        let refLength = try reader.byte()
        let topicLength = try reader.byte()
        let statusLength = try reader.byte()
        let joinRef = try reader.ref(.joinRef, joinRefLength)
        let ref = try reader.ref(.ref, refLength)
        let topic = try reader.text(.topic, topicLength)
        let status = try ClientDecoder.status(try reader.text(.status, statusLength))
        return ServerEnvelope(
            joinRef: joinRef, ref: ref, topic: topic, event: ControlEvent.reply,
            payload: .binaryReply(status, reader.rest()))
    }

    /// `02 | topicLen | eventLen | topic event data`
    private func decodeBroadcast(
        _ reader: inout BinaryReader
    ) throws(EnvelopeError) -> ServerEnvelope {
        let topicLength = try reader.byte()
        let eventLength = try reader.byte()
        return ServerEnvelope(
            joinRef: nil, ref: nil, topic: try reader.text(.topic, topicLength),
            event: try reader.text(.event, eventLength), payload: .binary(reader.rest()))
    }

    /// `04 | topicLen | eventLen | metaLen | enc | topic event meta payload`
    private func decodeUserBroadcast(
        _ reader: inout BinaryReader
    ) throws(EnvelopeError) -> ServerEnvelope {
        let topicLength = try reader.byte()
        let eventLength = try reader.byte()
        let metadataLength = try reader.byte()
        let encoding = try reader.byte()
        let topic = try reader.text(.topic, topicLength)
        let broadcast = try reader.userBroadcast(
            eventLength: eventLength, metadataLength: metadataLength, encoding: encoding)
        try envelopes.validate(broadcast)
        return ServerEnvelope(
            joinRef: nil, ref: nil, topic: topic, event: ControlEvent.broadcast,
            payload: .userBroadcast(broadcast))
    }

    private static func status(_ text: String) throws(EnvelopeError) -> ReplyStatus {
        guard let status = ReplyStatus(rawValue: text) else { throw .wrongType(.status) }
        return status
    }
}
