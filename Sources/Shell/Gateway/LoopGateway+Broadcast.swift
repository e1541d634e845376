import Basics
import EventLoop
import HTTP
import Hub
import JSON
import PubSub
import RoomContract

// Publishing ephemeral events over HTTP, as Supabase's clients do it (Protocol/README.md §7).
extension LoopGateway {
    func post(_ request: Request) -> Response {
        guard let segments = request.pathSegments else {
            return .error(.badRequest, Refusal(.invalidPayload, "the path is malformed"))
        }
        let rest =
            segments.starts(with: ["realtime", "v1"]) ? Array(segments.dropFirst(2)) : segments
        guard rest.starts(with: ["api", "broadcast"]) else {
            return .error(.notFound, Refusal(.notServed, "nothing is here"))
        }
        guard let token = bearer(request) ?? request.headers["apikey"] else {
            return .error(.unauthorized, Refusal(.tokenInvalid, "a service token is needed"))
        }
        if case .failure(let refusal) = gate.allows(token, "broadcast", at: loop.wallClock) {
            let status: Status = refusal.code == .notPermitted ? .forbidden : .unauthorized
            return .error(status, refusal)
        }
        do {
            switch (rest.count, rest.last) {
            case (2, _): try publishBatch(request.body)
            case (5, let event?) where rest[3] == "events":
                try publishOne(request, topic: rest[2], event: event)
            default:
                return .error(.notFound, Refusal(.notServed, "nothing is here"))
            }
        } catch {
            let status: Status =
                error.code == .notServed ? .unsupportedMediaType : .unprocessableContent
            return .error(status, error)
        }
        return Response(.accepted)
    }

    /// All or nothing: a message that cannot be sent refuses the batch.
    private func publishBatch(_ body: [UInt8]) throws(Refusal) {
        let value: JSONValue
        do {
            value = try JSONValue.parse(body)
        } catch {
            throw Refusal(.invalidPayload, error.reason)
        }
        guard let messages = value["messages"]?.array else {
            throw Refusal(.invalidPayload, "messages must be a list")
        }
        var events: [(topic: TopicName, payload: [UInt8])] = []
        for message in messages {
            guard let name = message["topic"]?.string, let event = message["event"]?.string,
                let payload = message["payload"], payload.object != nil
            else {
                throw Refusal(
                    .invalidPayload, "a message needs topic, event and payload, an object")
            }
            let bytes = payload.encoded()
            events.append((try openTopic(name), try broadcast(event, bytes)))
        }
        for event in events { publish("broadcast", .json(event.payload), event.topic) }
    }

    private func publishOne(
        _ request: Request, topic name: String, event: String
    ) throws(Refusal) {
        let topic = try openTopic(name)
        let type = request.headers["content-type"]?.lowercased() ?? "application/json"
        if type.hasPrefix("application/json") {
            do {
                _ = try JSONValue.parse(request.body)
            } catch {
                throw Refusal(.invalidPayload, error.reason)
            }
            publish("broadcast", .json(try broadcast(event, request.body)), topic)
        } else if type.hasPrefix("application/octet-stream") {
            guard request.body.count <= Limits.eventBodyBytes else { throw tooLarge }
            publish("broadcast", .binary(event: event, request.body), topic)
        } else {
            throw Refusal(.notServed, "send application/json or application/octet-stream")
        }
    }

    /// Rooms are not published to by this door: what they say is theirs to decide.
    private func openTopic(_ name: String) throws(Refusal) -> TopicName {
        let text = name.hasPrefix("realtime:") ? name : "realtime:\(name)"
        guard let topic = TopicName(text) else {
            throw Refusal(.unknownTopic, "a topic has 1 to \(TopicName.maximumBytes) bytes")
        }
        let inner = TopicName(String(topic.identifier))
        guard inner.flatMap({ options.catalog.kind(of: $0) }) == nil else {
            throw Refusal(.notPermitted, "a room's topic takes no broadcasts over HTTP")
        }
        return topic
    }

    /// `{"type":"broadcast","event":…,"payload":…}`.
    private func broadcast(_ event: String, _ payload: [UInt8]) throws(Refusal) -> [UInt8] {
        guard payload.count <= Limits.eventBodyBytes else { throw tooLarge }
        guard (1...Limits.eventNameBytes).contains(event.utf8.count) else {
            throw Refusal(
                .invalidPayload, "an event's name has 1 to \(Limits.eventNameBytes) bytes")
        }
        var json = JSONWriter(reserving: payload.count + 64)
        json.object { json in
            json.field("type", "broadcast")
            json.field("event", event)
            json.field("payload", raw: payload)
        }
        return json.bytes
    }

    private var tooLarge: Refusal {
        Refusal(.tooLarge, "a broadcast may have \(Limits.eventBodyBytes) bytes")
    }

    private func publish(
        _ event: String, _ payload: RoomContract.Command.Payload, _ topic: TopicName
    ) {
        deliver(.publish(topic: topic, event: event, payload), toHomeOf: topic)
    }
}
