/// The events that belong to the protocol itself.
package enum ControlEvent {
    /// A client enters a topic.
    package static let join = "phx_join"
    /// A client leaves a topic.
    package static let leave = "phx_leave"
    /// The server answers a message.
    package static let reply = "phx_reply"
    /// The server ends a topic for good: clients forget it.
    package static let close = "phx_close"
    /// The server ends a topic for now: clients rejoin by themselves.
    package static let error = "phx_error"
    /// A client shows that it lives; expected every 30 seconds.
    package static let heartbeat = "heartbeat"
    /// What Supabase's clients send their own events in.
    package static let broadcast = "broadcast"

    /// The topic of heartbeats and of what concerns the socket as a whole.
    package static let socketTopic = "phoenix"
}

/// Whether a reply grants or refuses.
package enum ReplyStatus: String, CaseIterable, Sendable {
    case ok
    case error
}
