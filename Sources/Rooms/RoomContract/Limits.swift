package import Basics

/// The bounds a client can meet. `Protocol/limits.json` is the published list; a test holds the
/// two to each other.
package enum Limits {
    /// As Phoenix's own limit; a page that needs more topics wants a list, not a topic each.
    package static let topicsPerConnection = 100
    /// One WebSocket message. The largest body is 256 KiB; the rest is envelope and margin.
    package static let messageBytes = 1 << 20
    /// A batch of a few large broadcasts, or thousands of small ones.
    package static let httpBodyBytes = 1 << 20
    /// What conformance suites send to the echo endpoint.
    package static let echoMessageBytes = 16 << 20
    /// The body of an ephemeral event.
    package static let eventBodyBytes = 256 << 10
    /// The parameters of a join: a token of 8 KiB, a position, some configuration. A megabyte of
    /// requested changes took a loop 20 ms to read and echo, 50 times a second for a connection.
    package static let joinBytes = 64 << 10
    /// The text of a post, in Unicode scalars.
    package static let textCharacters = 4_000
    /// A UUID with room to spare; it is kept for ever with each message.
    package static let clientIDBytes = 64
    /// The key under which a client is shown: what a person's id may have. It stays for the grace
    /// of presence and goes out with every state, so without a bound one connection that joins
    /// again and again with a megabyte each time fills the memory and holds up its loop.
    package static let presenceKeyBytes = 255
    /// The name of an event, which binary frames give one length byte.
    package static let eventNameBytes = 255
    /// About what a phone shows at once.
    package static let historyDefault = 20
    /// One read of the log and, at some 300 bytes a message, one frame of 60 kB.
    package static let historyMost = 200
    /// The bodies of one page of history: half of what may wait for a connection, so that a page
    /// always fits; the largest single body does too.
    package static let historyBytes = 512 << 10
    /// Events a second per connection, and how many may come at once: no typing hand, cursor or
    /// rejoining client reaches them.
    package static let eventsPerSecond = 50
    /// What a client may send at once after a rest: as many joins as it may have topics.
    package static let eventsBurst = 100
    /// Both of the above as one limit.
    package static let events = RateLimit(
        interval: .milliseconds(1_000 / eventsPerSecond), burst: eventsBurst)
    /// Posts a minute per person and topic, all at once if need be: a retry after an absence
    /// sends what was written meanwhile.
    package static let postsPerMinute = 60
    /// The same as a limit.
    package static let posts = RateLimit(
        interval: .milliseconds(60_000 / postsPerMinute), burst: postsPerMinute)
    /// What phoenix.js does by itself; Supabase's clients come sooner.
    package static let heartbeat: Duration = .seconds(30)
    /// Two heartbeats may be lost before a connection counts as dead.
    package static let silent: Duration = .seconds(60)
    /// How long a reader may take nothing while data waits.
    package static let slowReader: Duration = .seconds(60)
    /// One typing event per person and topic in this time.
    package static let typing: Duration = .seconds(2)
}
