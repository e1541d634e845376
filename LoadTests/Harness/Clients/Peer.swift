import Phoenix

/// A server that `fanout` can drive: what to send to it to subscribe and to publish, and how its
/// deliveries look. Whatever the peer, a subscriber gets the same envelope inside.
enum Peer: String, CaseIterable, Sendable {
    /// This server.
    case rollcall
    /// `Baseline/bare.c`: passes on each message to everybody else, as it is.
    case bare
    /// nginx with nchan: one location to subscribe, one to publish.
    case nchan
    /// nats-server: its text protocol inside binary WebSocket messages.
    case nats
    /// Python's `websockets`, as `Peers/websockets_server.py`: like `bare`.
    case websockets
    /// uWebSockets through `socketify`, as `Peers/socketify_server.py`: like `bare`.
    case socketify

    private static let natsSubject = "load"

    /// Nil for the path of a Phoenix socket, with a token.
    func path(isPublisher: Bool) -> String? {
        switch self {
        case .rollcall: nil
        case .bare, .nats, .websockets, .socketify: "/"
        case .nchan: isPublisher ? "/publish/load" : "/subscribe/load"
        }
    }

    /// Whether what it says comes through ``NATSStream``, and what we say goes as binary.
    var speaksNATS: Bool { self == .nats }

    /// What a client says once it is connected; nothing where connecting subscribes, or where
    /// ``Crowd`` joins.
    func greeting(isPublisher: Bool) -> [UInt8] {
        guard speaksNATS else { return [] }
        // As nats.js connects: nobody hears itself, no acknowledgement of each command.
        let connect =
            #"CONNECT {"verbose":false,"pedantic":false,"echo":false,"protocol":1}"#
        let subscribe = isPublisher ? "" : "SUB \(Peer.natsSubject) 1\r\n"
        return Array("\(connect)\r\n\(subscribe)PING\r\n".utf8)
    }

    /// The message that publishes `envelope`.
    func publication(of envelope: [UInt8]) -> [UInt8] {
        guard speaksNATS else { return envelope }
        return Array("PUB \(Peer.natsSubject) \(envelope.count)\r\n".utf8) + envelope
            + Array("\r\n".utf8)
    }
}

/// Takes NATS's protocol apart, which comes in messages cut anywhere
/// (https://docs.nats.io/reference/reference-protocols/nats-protocol).
struct NATSStream {
    enum Event: Equatable {
        case message([UInt8])
        case ping
        /// `-ERR` with its reason.
        case refusal(String)
    }

    /// A server's line is shorter: INFO is the longest, with a few kilobytes.
    private static let mostLineBytes = 65_536

    private var pending: [UInt8] = []

    /// Takes what came and returns what is whole by now.
    mutating func feed(_ bytes: [UInt8]) -> [Event] {
        pending += bytes
        var events: [Event] = []
        var place = 0
        while let end = lineEnd(from: place) {
            let line = pending[place..<end]
            let next = end + 2
            if line.starts(with: Array("MSG ".utf8)) {
                let size = line.split(separator: UInt8(ascii: " ")).last
                    .flatMap { Int(String(decoding: $0, as: UTF8.self)) }
                guard let size, (0...(1 << 20)).contains(size) else { break }
                guard next + size + 2 <= pending.count else { break }
                events.append(.message(Array(pending[next..<next + size])))
                place = next + size + 2
                continue
            }
            if line.starts(with: Array("PING".utf8)) { events.append(.ping) }
            if line.starts(with: Array("-ERR".utf8)) {
                events.append(.refusal(String(decoding: line, as: UTF8.self)))
            }
            place = next
        }
        pending.removeFirst(place)
        if pending.count > 2 * (1 << 20) + NATSStream.mostLineBytes {
            events.append(.refusal("a line without end"))
            pending = []
        }
        return events
    }

    private func lineEnd(from place: Int) -> Int? {
        guard place < pending.count,
            let end = pending[place...].firstIndex(of: UInt8(ascii: "\r")),
            end + 1 < pending.count
        else { return nil }
        return end
    }
}
