/// One message of a client, whatever its version and frame type.
package struct Envelope: Equatable, Sendable {
    /// Which join of the topic this belongs to. Often missing or stale: some clients never send it.
    package let joinRef: Ref?
    /// What a reply must carry; nil when the client wants none (`realtime`'s heartbeat).
    package let ref: Ref?
    /// At most ``maximumTopicBytes`` bytes; may be empty or hold any character.
    package let topic: String
    /// At most ``maximumEventBytes`` bytes; may be empty.
    package let event: String
    package let payload: Payload

    package init(joinRef: Ref?, ref: Ref?, topic: String, event: String, payload: Payload) {
        self.joinRef = joinRef
        self.ref = ref
        self.topic = topic
        self.event = event
        self.payload = payload
    }

    package var address: Address { Address(joinRef: joinRef, ref: ref, topic: topic) }

    /// What an envelope carries.
    package enum Payload: Equatable, Sendable {
        /// The bytes of one valid JSON value, exactly as the client wrote them.
        case json([UInt8])
        /// The data of a binary push (kind 0).
        case binary([UInt8])
        /// A Supabase broadcast in its binary form (kinds 3 and 4); the event is `broadcast`.
        case userBroadcast(UserBroadcast)
    }

    /// Where a reply to a message goes, of a message whose payload cannot be taken.
    package struct Address: Equatable, Sendable {
        package let joinRef: Ref?
        package let ref: Ref?
        package let topic: String
    }

    /// 255, because binary frames give a topic and an event one length byte each; so that what
    /// one client may say in text, every client can be told in binary.
    package static let maximumTopicBytes = 255
    package static let maximumEventBytes = 255
}

/// A Supabase broadcast as its binary frames carry it: kind 3 to the server, 4 from it.
///
/// realtime-js sends every broadcast with a text event this way on a V2 socket.
package struct UserBroadcast: Equatable, Sendable {
    /// The broadcast's own event, such as `cursor`; the envelope's is always `broadcast`.
    package let event: String
    /// A JSON object, or empty. At most 255 bytes. Supabase's server ignores a client's.
    package let metadata: [UInt8]
    package let payload: [UInt8]
    /// Whether `payload` is valid JSON; otherwise it is the application's own bytes.
    package let isJSON: Bool

    package init(event: String, metadata: [UInt8] = [], payload: [UInt8], isJSON: Bool) {
        self.event = event
        self.metadata = metadata
        self.payload = payload
        self.isJSON = isJSON
    }

    /// The payload a text frame would have carried: `{"type":"broadcast","event":…,"payload":…}`.
    /// Nil for binary data, which text cannot carry.
    package var textPayload: [UInt8]? {
        guard isJSON else { return nil }
        var json: [UInt8] = []
        json.reserveCapacity(payload.count + event.utf8.count + 48)
        json.appendBroadcast(event: event, payload: payload, meta: nil)
        return json
    }
}

/// The events that belong to the protocol itself.
package enum ControlEvent {
    package static let join = "phx_join"
    package static let leave = "phx_leave"
    package static let reply = "phx_reply"
    package static let close = "phx_close"
    package static let error = "phx_error"
    package static let heartbeat = "heartbeat"
    package static let broadcast = "broadcast"

    /// The topic of heartbeats and of what concerns the socket as a whole.
    package static let socketTopic = "phoenix"
}

/// Whether a reply grants or refuses.
package enum ReplyStatus: String, CaseIterable, Sendable {
    case ok
    case error
}
