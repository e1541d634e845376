import Basics
import JSON
import Phoenix
import PubSub
import RoomContract
package import WebSocket

// What clients say.
extension Edge {
    /// One whole WebSocket message.
    package func received(_ kind: MessageKind, _ bytes: [UInt8], from slot: UInt32) {
        guard let connection = self[slot], !connection.isClosing else { return }
        connection.lastHeard = now
        counters.messagesIn += 1
        let envelope: Envelope
        do {
            envelope = try decode(kind, bytes, connection.version)
        } catch {
            return malformed(error, from: connection)
        }
        if let wait = connection.allowance.take(under: Limits.events, at: now) {
            return limit(connection, envelope, wait)
        }
        connection.excess = max(0, connection.excess - 1)
        handle(envelope, from: connection)
    }

    private func decode(
        _ kind: MessageKind, _ bytes: [UInt8], _ version: WireVersion
    ) throws(EnvelopeError) -> Envelope {
        switch kind {
        case .text: try decoder.decode(text: bytes, version: version)
        case .binary: try decoder.decode(binary: bytes, version: version)
        }
    }

    private func handle(_ envelope: Envelope, from connection: EdgeConnection) {
        switch envelope.event {
        case ControlEvent.heartbeat where envelope.topic == ControlEvent.socketTopic:
            reply(.ok, Self.nothing, to: envelope, connection)
        case ControlEvent.join: join(envelope, from: connection)
        case ControlEvent.leave: leave(envelope, from: connection)
        case "access_token": renewToken(envelope, of: connection)
        default: forward(envelope, from: connection)
        }
    }

    /// Everything else is the room's.
    private func forward(_ envelope: Envelope, from connection: EdgeConnection) {
        guard let index = connection.channelIndex(wireTopic: envelope.topic) else {
            let refusal = Refusal(.unmatchedTopic, "join \(envelope.topic) first")
            return refuse(envelope, refusal, connection)
        }
        let channel = connection.channels[index]
        do {
            let command = try command(envelope, in: channel)
            // Who sends a broadcast wants an answer only if it said so when it joined; who sends
            // a room's own event always does.
            let isQuiet = envelope.event == ControlEvent.broadcast && !channel.acks
            post(
                home(of: channel.topic),
                .command(
                    topic: channel.topic, from: memberID(connection, channel),
                    ref: ReplyTag(ref: envelope.ref, isQuiet: isQuiet), command))
        } catch {
            refuse(envelope, error, connection)
        }
    }

    /// On an alias a room's event comes inside a broadcast.
    private func command(_ envelope: Envelope, in channel: Channel) throws(Refusal) -> Command {
        switch envelope.payload {
        case .json(let bytes):
            guard channel.isAlias, envelope.event == ControlEvent.broadcast else {
                return Command(event: envelope.event, payload: .json(bytes))
            }
            let outer = try Command(event: envelope.event, payload: .json(bytes)).object()
            guard let event = outer["event"]?.string else {
                throw Refusal(.invalidPayload, "a broadcast needs an event, a string")
            }
            let payload = outer["payload"] ?? .object(.init())
            return Command(event: event, payload: .json(payload.encoded()))
        case .binary(let bytes):
            return Command(
                event: envelope.event, payload: .binary(event: envelope.event, bytes))
        case .userBroadcast(let broadcast) where broadcast.isJSON && channel.isAlias:
            return Command(event: broadcast.event, payload: .json(broadcast.payload))
        case .userBroadcast(let broadcast):
            if let text = broadcast.textPayload {
                return Command(event: ControlEvent.broadcast, payload: .json(text))
            }
            return Command(
                event: ControlEvent.broadcast,
                payload: .binary(event: broadcast.event, broadcast.payload))
        }
    }

    /// No reply unless it is refused, as Supabase's clients expect.
    private func renewToken(_ envelope: Envelope, of connection: EdgeConnection) {
        guard case .json(let bytes) = envelope.payload,
            let token = tokenText(bytes)
        else { return }
        do {
            try renew(connection, with: token)
        } catch {
            refuse(envelope, error, connection)
        }
    }

    /// A newer token of the same person lengthens the connection's life, and an anonymous
    /// connection may sign in. Another person's is refused: what is joined would go on speaking
    /// for the first.
    func renew(_ connection: EdgeConnection, with token: String) throws(Refusal) {
        let identity = try verify(token).get()
        if let person = connection.identity.person {
            // An anonymous key beside a person's connection changes nothing: Supabase's clients
            // send theirs again with every join.
            guard let other = identity.person else { return }
            guard other.utf8.elementsEqual(person.utf8) else {
                throw Refusal(
                    .notPermitted, "the token is another person's: open a connection for them")
            }
        }
        connection.identity = identity
    }

    private func tokenText(_ payload: [UInt8]) -> String? {
        // The payload was validated with its envelope.
        do {
            return try JSONValue.parse(payload)["access_token"]?.string
        } catch {
            return nil
        }
    }

    // MARK: What is wrong

    private func malformed(
        _ error: EnvelopeError, from connection: EdgeConnection
    ) {
        counters.malformed += 1
        // A frame that cannot be read costs as much as one that can; beyond the limit it is not
        // even answered.
        if connection.allowance.take(under: Limits.events, at: now) != nil {
            counters.rateLimited += 1
            _ = isFlooding(connection)
            return
        }
        switch error {
        case .binaryOnV1: close(connection, .unsupportedData)
        case .unstorableText(let address):
            let envelope = Envelope(
                joinRef: address.joinRef, ref: address.ref, topic: address.topic,
                event: "", payload: .json(Self.nothing))
            refuse(envelope, Refusal(.unstorableText, error.reason), connection)
        case .malformed, .notAnArray, .notAnObject, .missingField, .wrongType, .tooLong,
            .invalidUTF8, .truncatedBinary, .unknownBinaryKind, .unknownEncoding:
            // Nobody can tell which request this was: it is said of the socket as a whole.
            let envelope = Envelope(
                joinRef: nil, ref: nil, topic: ControlEvent.socketTopic, event: "",
                payload: .json(Self.nothing))
            refuse(envelope, Refusal(.invalidPayload, error.reason), connection)
        }
    }

    private func limit(
        _ connection: EdgeConnection, _ envelope: Envelope, _ wait: Duration
    ) {
        counters.rateLimited += 1
        if isFlooding(connection) { return }
        let refusal = Refusal(
            .rateLimited, "the limit is \(Limits.eventsPerSecond) events a second",
            retryAfterMs: max(1, wait.inMilliseconds))
        refuse(envelope, refusal, connection)
    }

    /// Counts a message over the limit; true when it was one too many and the connection ends.
    private func isFlooding(_ connection: EdgeConnection) -> Bool {
        connection.excess += 1
        guard connection.excess > Self.toleratedExcess else { return false }
        close(connection, .flood)
        return true
    }

    /// How many more messages a connection may have refused than taken before it is closed as a
    /// flood. A buggy loop that sends 1,000 a second is there within 1.1 s; a client that keeps to
    /// twice the limit never comes there, since as many are taken as refused.
    static let toleratedExcess = 1_000

    static let nothing = Array("{}".utf8)
}
