import JSON

/// Writes what a client sends, for the load harness and for tests of the server.
///
/// Appends to the caller's bytes, as ``EnvelopeEncoder`` does.
package struct ClientEncoder: Sendable {
    /// What the socket speaks.
    package let version: WireVersion

    /// An encoder for sockets that speak `version`.
    package init(version: WireVersion) {
        self.version = version
    }

    /// `phx_join`; phoenix.js uses one number for both refs of a join.
    package func join(
        _ topic: String, _ payload: [UInt8], ref: Ref, into frame: inout [UInt8]
    ) {
        push(ControlEvent.join, payload, ref: ref, joinRef: ref, topic: topic, into: &frame)
    }

    /// `phx_leave`; the server replies and then closes the topic.
    package func leave(_ topic: String, ref: Ref, joinRef: Ref, into frame: inout [UInt8]) {
        push(
            ControlEvent.leave, EnvelopeEncoder.emptyObject, ref: ref, joinRef: joinRef,
            topic: topic, into: &frame)
    }

    /// A heartbeat; expected every 30 seconds.
    package func heartbeat(ref: Ref?, into frame: inout [UInt8]) {
        push(
            ControlEvent.heartbeat, EnvelopeEncoder.emptyObject, ref: ref, joinRef: nil,
            topic: ControlEvent.socketTopic, into: &frame)
    }

    /// Any event; `payload` must be valid JSON.
    package func push(
        _ event: String, _ payload: [UInt8], ref: Ref?, joinRef: Ref?, topic: String,
        into frame: inout [UInt8]
    ) {
        var json = JSONWriter(reserving: payload.count + 128)
        switch version {
        case .v1:
            json.object { json in
                json.field("topic", topic)
                json.field("event", event)
                json.field("payload", raw: payload)
                json.field("ref", raw: ClientEncoder.json(ref))
                json.field("join_ref", raw: ClientEncoder.json(joinRef))
            }
        case .v2:
            json.array { json in
                json.raw(ClientEncoder.json(joinRef))
                json.raw(ClientEncoder.json(ref))
                json.string(topic)
                json.string(event)
                json.raw(payload)
            }
        }
        frame.append(contentsOf: json.bytes)
    }

    /// A binary push (kind 0), V2 only. Throws `.tooLong` beyond 255 bytes of a part.
    package static func binaryPush(
        _ event: String, _ data: [UInt8], ref: Ref?, joinRef: Ref?, topic: String,
        into frame: inout [UInt8]
    ) throws(EnvelopeError) {
        let parts: [BinaryEncoder.Part] = [
            (.joinRef, joinRef?.description ?? ""), (.ref, ref?.description ?? ""),
            (.topic, topic), (.event, event),
        ]
        try BinaryEncoder.append(.push, parts, data, &frame)
    }

    /// A broadcast as realtime-js sends it on V2 (kind 3). Throws `.tooLong` beyond 255 bytes
    /// of a part.
    package static func userBroadcast(
        _ broadcast: UserBroadcast, ref: Ref?, joinRef: Ref?, topic: String,
        into frame: inout [UInt8]
    ) throws(EnvelopeError) {
        let joinRef = joinRef?.description ?? ""
        let ref = ref?.description ?? ""
        let header = [
            BinaryKind.userBroadcastPush.rawValue,
            try BinaryEncoder.length(joinRef.utf8.count, .joinRef),
            try BinaryEncoder.length(ref.utf8.count, .ref),
            try BinaryEncoder.length(topic.utf8.count, .topic),
            try BinaryEncoder.length(broadcast.event.utf8.count, .event),
            try BinaryEncoder.length(broadcast.metadata.count, .metadata),
            broadcast.isJSON ? 1 : 0,
        ]
        frame.append(contentsOf: header)
        for text in [joinRef, ref, topic, broadcast.event] { frame.append(contentsOf: text.utf8) }
        frame.append(contentsOf: broadcast.metadata)
        frame.append(contentsOf: broadcast.payload)
    }

    private static func json(_ ref: Ref?) -> [UInt8] {
        var json: [UInt8] = []
        json.append(ref: ref)
        return json
    }
}
