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
    /// What it carries.
    package let payload: Payload

    /// An envelope of these parts; the limits are the decoder's to hold.
    package init(joinRef: Ref?, ref: Ref?, topic: String, event: String, payload: Payload) {
        self.joinRef = joinRef
        self.ref = ref
        self.topic = topic
        self.event = event
        self.payload = payload
    }

    /// Where a reply to this goes.
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
        /// As the envelope's.
        package let joinRef: Ref?
        /// As the envelope's.
        package let ref: Ref?
        /// As the envelope's.
        package let topic: String
    }

    /// 255, because binary frames give a topic and an event one length byte each; so that what
    /// one client may say in text, every client can be told in binary.
    package static let maximumTopicBytes = 255
    /// See ``maximumTopicBytes``.
    package static let maximumEventBytes = 255
}
