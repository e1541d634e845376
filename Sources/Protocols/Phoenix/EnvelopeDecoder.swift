package import JSON

/// Reads what clients send: one frame, whole, to one ``Envelope``. No state of its own.
///
/// Belongs to one loop, as its parser does.
///
/// Cost: one validation, one copy each of topic, event and payload.
package struct EnvelopeDecoder {
    private let parser: JSONParser

    /// A decoder on its loop's parser.
    package init(parser: JSONParser) {
        self.parser = parser
    }

    /// Decodes a text frame. Both versions take more than they ask for: further elements or
    /// members are ignored, and V1's `ref` may be absent as well as null.
    package func decode(
        text: [UInt8], version: WireVersion
    ) throws(EnvelopeError) -> Envelope {
        let root: JSONElement
        do {
            root = try parser.parse(text)
        } catch .unstorableText {
            let repaired = JSONText.replacingLoneSurrogates(in: text)
            let envelope = try decode(try parse(repaired), repaired, version)
            throw .unstorableText(envelope.address)
        } catch {
            throw .malformed(error)
        }
        return try decode(root, text, version)
    }

    /// Decodes a binary frame: a push (kind 0) or a user broadcast (kind 3).
    package func decode(
        binary: [UInt8], version: WireVersion
    ) throws(EnvelopeError) -> Envelope {
        switch version {
        case .v1: throw .binaryOnV1
        case .v2: break
        }
        var reader = BinaryReader(binary)
        let kind = try reader.byte()
        switch BinaryKind(rawValue: kind) {
        case .push: return try decodePush(&reader)
        case .userBroadcastPush: return try decodeUserBroadcast(&reader)
        case .reply, .broadcast, .userBroadcast, nil: throw .unknownBinaryKind(kind)
        }
    }

    // MARK: text

    private func decode(
        _ root: JSONElement, _ text: [UInt8], _ version: WireVersion
    ) throws(EnvelopeError) -> Envelope {
        switch version {
        case .v1: try decodeObject(root, text)
        case .v2: try decodeArray(root, text)
        }
    }

    private func decodeArray(
        _ root: JSONElement, _ text: [UInt8]
    ) throws(EnvelopeError) -> Envelope {
        guard root.kind == .array else { throw .notAnArray }
        var elements = root.children
        let joinRef = try ref(.joinRef, elements.next()?.value)
        let ref = try ref(.ref, elements.next()?.value)
        let topic = try string(.topic, elements.next()?.value)
        let event = try string(.event, elements.next()?.value)
        guard root.count > 4 else { throw .missingField(.payload) }
        let payload = Array(text[RawJSON.child(4, of: root.count, in: text.span)])
        return Envelope(
            joinRef: joinRef, ref: ref, topic: topic, event: event, payload: .json(payload))
    }

    private func decodeObject(
        _ root: JSONElement, _ text: [UInt8]
    ) throws(EnvelopeError) -> Envelope {
        guard root.kind == .object else { throw .notAnObject }
        var (topic, event): (JSONElement?, JSONElement?)
        var (joinRef, ref): (Ref?, Ref?)
        var payload: Int?
        for (ordinal, member) in root.children.enumerated() {
            guard let name = member.name else { continue }
            // A repeated member replaces the one before, as in JavaScript.
            if name.equals("topic") {
                topic = member.value
            } else if name.equals("event") {
                event = member.value
            } else if name.equals("payload") {
                payload = ordinal
            } else if name.equals("ref") {
                ref = try self.ref(.ref, member.value)
            } else if name.equals("join_ref") {
                joinRef = try self.ref(.joinRef, member.value)
            }
        }
        let topicText = try string(.topic, topic)
        let eventText = try string(.event, event)
        guard let payload else { throw .missingField(.payload) }
        let json = Array(text[RawJSON.child(payload, of: root.count, in: text.span)])
        return Envelope(
            joinRef: joinRef, ref: ref, topic: topicText, event: eventText, payload: .json(json))
    }

    private func ref(
        _ field: EnvelopeError.Field, _ element: JSONElement?
    ) throws(EnvelopeError) -> Ref? {
        guard let element else { throw .missingField(field) }
        if element.isNull { return nil }
        if let integer = element.integer { return .integer(integer) }
        return .text(try string(field, element))
    }

    private func string(
        _ field: EnvelopeError.Field, _ element: JSONElement?
    ) throws(EnvelopeError) -> String {
        guard let element else { throw .missingField(field) }
        guard let string = element.string else { throw .wrongType(field) }
        guard string.utf8.count <= field.maximumBytes else { throw .tooLong(field) }
        return string
    }

    // MARK: binary

    /// `00 | joinRefLen | refLen | topicLen | eventLen | joinRef ref topic event data`
    private func decodePush(_ reader: inout BinaryReader) throws(EnvelopeError) -> Envelope {
        let joinRefLength = try reader.byte()
        let refLength = try reader.byte()
        let topicLength = try reader.byte()
        let eventLength = try reader.byte()
        return Envelope(
            joinRef: try reader.ref(.joinRef, joinRefLength),
            ref: try reader.ref(.ref, refLength),
            topic: try reader.text(.topic, topicLength),
            event: try reader.text(.event, eventLength),
            payload: .binary(reader.rest()))
    }

    /// `03 | joinRefLen | refLen | topicLen | eventLen | metaLen | enc | joinRef ref topic event
    /// meta payload`
    private func decodeUserBroadcast(
        _ reader: inout BinaryReader
    ) throws(EnvelopeError) -> Envelope {
        let joinRefLength = try reader.byte()
        let refLength = try reader.byte()
        let topicLength = try reader.byte()
        let eventLength = try reader.byte()
        let metadataLength = try reader.byte()
        let encoding = try reader.byte()
        let joinRef = try reader.ref(.joinRef, joinRefLength)
        let ref = try reader.ref(.ref, refLength)
        let topic = try reader.text(.topic, topicLength)
        let broadcast = try reader.userBroadcast(
            eventLength: eventLength, metadataLength: metadataLength, encoding: encoding)
        let envelope = Envelope(
            joinRef: joinRef, ref: ref, topic: topic, event: ControlEvent.broadcast,
            payload: .userBroadcast(broadcast))
        do {
            try validate(broadcast)
        } catch .malformed(.unstorableText) {
            throw .unstorableText(envelope.address)
        }
        return envelope
    }

    /// What claims to be JSON must be: it is relayed to others as it is.
    func validate(_ broadcast: UserBroadcast) throws(EnvelopeError) {
        if !broadcast.metadata.isEmpty {
            guard try parse(broadcast.metadata).kind == .object else {
                throw .wrongType(.metadata)
            }
        }
        if broadcast.isJSON { _ = try parse(broadcast.payload) }
    }

    private func parse(_ json: [UInt8]) throws(EnvelopeError) -> JSONElement {
        do {
            return try parser.parse(json)
        } catch {
            throw .malformed(error)
        }
    }
}
