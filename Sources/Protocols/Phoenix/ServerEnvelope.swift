/// One message of the server, as a client sees it.
package struct ServerEnvelope: Equatable, Sendable {
    /// The join it belongs to; nil in V1 and in broadcasts.
    package let joinRef: Ref?
    /// The message it replies to; the join it ends in V1.
    package let ref: Ref?
    /// The topic, as the client named it.
    package let topic: String
    /// The event; `phx_reply` for replies.
    package let event: String
    /// What it carries.
    package let payload: Payload

    /// What the server says, by the form it came in.
    package enum Payload: Equatable, Sendable {
        /// A `phx_reply` in text: the status, and the response as raw JSON.
        case reply(ReplyStatus, [UInt8])
        /// A `phx_reply` in binary (kind 1): the status and the application's bytes.
        case binaryReply(ReplyStatus, [UInt8])
        /// Any other event in text: raw JSON.
        case json([UInt8])
        /// Any other event in binary (kinds 0 and 2).
        case binary([UInt8])
        /// A Supabase broadcast (kind 4).
        case userBroadcast(UserBroadcast)
    }
}
