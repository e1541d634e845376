/// How much one socket or listener may take from the others, and for how long.
package struct SocketLimits: Sendable {
    /// Reads of one socket in one turn.
    ///
    /// Four times 64 KiB: a fast uploader gets 256 KiB a turn, about 50 µs of copying, before
    /// everybody else is looked at again. The rest stays in the kernel, which slows the peer.
    package var readsPerTurn = 4

    /// Connections taken from one listener in one turn.
    ///
    /// Each costs about 20 µs until it is served, so a storm of newcomers delays those already
    /// connected by little more than a millisecond; the backlog holds the rest.
    package var acceptsPerTurn = 64

    /// How long nothing is accepted after the machine ran out of descriptors or memory.
    ///
    /// A waiting connection would otherwise wake the loop for nothing, without end. A tenth of
    /// a second is not noticed by who waits and costs ten attempts a second.
    package var acceptPause: Duration = .milliseconds(100)

    /// How long a socket that we have shut down waits for its peer to finish.
    ///
    /// Closing at once while input is unread sends RST, and the peer's system then throws away
    /// what it has received but not yet delivered (RFC 1122 §4.2.2.13): our last frame. Two
    /// seconds cover a slow mobile round trip with one retransmission.
    package var linger: Duration = .seconds(2)

    package init() {}
}
