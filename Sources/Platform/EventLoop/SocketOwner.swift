/// Names one socket of one table, and only for as long as that socket lives.
///
/// The slot is used again by later sockets under another generation, so an id that is kept too
/// long names nothing; every operation ignores it.
package struct SocketID: Hashable, Sendable {
    package let slot: UInt32
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// How a socket came to its end.
package enum SocketEnd: Hashable, Sendable {
    /// The peer finished sending. We do not keep half-open connections.
    case closedByPeer
    /// We asked for it, by closing the socket, its table's loop, or after a shutdown.
    case closedByUs
    /// Neither: reset, timed out, unreachable, refused.
    case failed(SystemError)
}

/// What a table tells about its sockets. All calls come on the table's loop, and never from
/// inside a call of the owner to the table.
///
/// During any of them the owner may close any socket, send, listen or connect.
package protocol SocketOwner: AnyObject {
    /// A connection was accepted, or one of ours succeeded.
    func socketOpened(_ id: SocketID, peer: PeerAddress)

    /// Bytes arrived: never none, at most ``SocketTable/bufferBytes``, valid during the call.
    func socketReceived(_ id: SocketID, _ bytes: UnsafeRawBufferPointer)

    /// There is room again after ``SocketTable/awaitWritable(_:)``; said once per asking.
    func socketWritable(_ id: SocketID)

    /// The socket is gone. Exactly once for every id that was opened or returned by a connect,
    /// and the last that is heard of it.
    func socketClosed(_ id: SocketID, _ end: SocketEnd)
}
