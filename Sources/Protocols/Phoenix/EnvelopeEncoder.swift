import JSON

/// Writes what the server sends, as text frames that every client decodes.
///
/// Appends to the caller's bytes. Payloads are spliced as they are and must be valid JSON.
///
/// Cost: no allocation but the output's growth, which happens at most once a call.
package struct EnvelopeEncoder: Sendable {
    /// What the sockets speak.
    package let version: WireVersion

    /// An encoder for sockets that speak `version`.
    package init(version: WireVersion) {
        self.version = version
    }

    /// `phx_reply` to the message called `ref`. V1 has no place for the join's ref.
    package func reply(
        _ status: ReplyStatus, _ response: [UInt8], to ref: Ref?, joinRef: Ref?, topic: String,
        into frame: inout [UInt8]
    ) {
        frame.makeRoom(for: response.count + topic.utf8.count + EnvelopeEncoder.overhead)
        open(joinRef, ref, topic, ControlEvent.reply, &frame)
        switch status {
        case .ok: frame.append(literal: #"{"status":"ok","response":"#)
        case .error: frame.append(literal: #"{"status":"error","response":"#)
        }
        frame.append(contentsOf: response)
        frame.append(UInt8(ascii: "}"))
        close(ref, &frame)
    }

    /// An event for one subscriber, marked with its join so that a stale one ignores it.
    package func push(
        _ event: String, _ payload: [UInt8], joinRef: Ref?, topic: String,
        into frame: inout [UInt8]
    ) {
        message(joinRef: joinRef, ref: nil, topic, event, payload, &frame)
    }

    /// An event for everybody on the topic: no refs, so the same bytes serve all of them.
    package func broadcast(
        _ event: String, _ payload: [UInt8], topic: String, into frame: inout [UInt8]
    ) {
        message(joinRef: nil, ref: nil, topic, event, payload, &frame)
    }

    /// The same for Supabase's clients, whose events travel inside `broadcast`:
    /// `{"type":"broadcast","event":…,"payload":…,"meta":{…}}`.
    ///
    /// `topic` is the client's name for it (`realtime:…`); `meta` a JSON object or nil.
    package func aliasBroadcast(
        _ event: String, _ payload: [UInt8], meta: [UInt8]?, topic: String,
        into frame: inout [UInt8]
    ) {
        let length = payload.count + (meta?.count ?? 0) + event.utf8.count + topic.utf8.count
        frame.makeRoom(for: length + EnvelopeEncoder.overhead)
        open(nil, nil, topic, ControlEvent.broadcast, &frame)
        frame.appendBroadcast(event: event, payload: payload, meta: meta)
        close(nil, &frame)
    }

    /// `phx_close`: the client forgets the topic and never rejoins. After a leave, or for good.
    package func close(topic: String, joinRef: Ref?, into frame: inout [UInt8]) {
        message(
            joinRef: joinRef, ref: joinRef, topic, ControlEvent.close,
            EnvelopeEncoder.emptyObject, &frame)
    }

    /// `phx_error`: the client rejoins by itself after a pause. For every end it can recover from.
    package func error(
        topic: String, joinRef: Ref?, payload: [UInt8] = EnvelopeEncoder.emptyObject,
        into frame: inout [UInt8]
    ) {
        message(joinRef: joinRef, ref: joinRef, topic, ControlEvent.error, payload, &frame)
    }

    /// `{}`, the payload of what needs none.
    package static let emptyObject = Array("{}".utf8)

    /// What stands around topic, event and payload, at most: two refs and the punctuation.
    private static let overhead = 2 * Ref.maximumBytes + 96

    private func message(
        joinRef: Ref?, ref: Ref?, _ topic: String, _ event: String, _ payload: [UInt8],
        _ frame: inout [UInt8]
    ) {
        let length = payload.count + topic.utf8.count + event.utf8.count
        frame.makeRoom(for: length + EnvelopeEncoder.overhead)
        open(joinRef, ref, topic, event, &frame)
        frame.append(contentsOf: payload)
        close(ref, &frame)
    }

    /// Everything before the payload.
    private func open(
        _ joinRef: Ref?, _ ref: Ref?, _ topic: String, _ event: String, _ frame: inout [UInt8]
    ) {
        switch version {
        case .v1:
            frame.append(literal: #"{"topic":"#)
            JSONText.append(topic, to: &frame)
            frame.append(literal: #","event":"#)
            JSONText.append(event, to: &frame)
            frame.append(literal: #","payload":"#)
        case .v2:
            frame.append(UInt8(ascii: "["))
            frame.append(ref: joinRef)
            frame.append(UInt8(ascii: ","))
            frame.append(ref: ref)
            frame.append(UInt8(ascii: ","))
            JSONText.append(topic, to: &frame)
            frame.append(UInt8(ascii: ","))
            JSONText.append(event, to: &frame)
            frame.append(UInt8(ascii: ","))
        }
    }

    /// Everything behind the payload. V1's ref is always present: `realtime` drops a frame
    /// without the key.
    private func close(_ ref: Ref?, _ frame: inout [UInt8]) {
        switch version {
        case .v1:
            frame.append(literal: #","ref":"#)
            frame.append(ref: ref)
            frame.append(UInt8(ascii: "}"))
        case .v2:
            frame.append(UInt8(ascii: "]"))
        }
    }
}
