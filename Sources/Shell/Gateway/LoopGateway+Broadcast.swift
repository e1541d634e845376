import Basics
import EventLoop
import HTTP
import Hub
import JSON
import PubSub
import RoomContract

// Publishing ephemeral events over HTTP, as Supabase's clients do it (Protocol/README.md §7).
extension LoopGateway {
    /// Many messages, to any topics.
    func publishBatch(_ request: Request) -> Response {
        publishing(request) { () throws(Refusal) in try publishBatch(request.body) }
    }

    /// One event, JSON or bytes, to one topic.
    func publishOne(_ request: Request, topic: String, event: String) -> Response {
        publishing(request) { () throws(Refusal) in
            try publish(request, topic: topic, event: event)
        }
    }

    private func publishing(
        _ request: Request, _ publish: () throws(Refusal) -> Void
    ) -> Response {
        let token = bearer(request) ?? request.headers["apikey"]
        if let refusal = refusal(of: token, scope: "broadcast") { return refusal }
        do {
            try publish()
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

    private func publish(
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
            try checkName(event)
            publish("broadcast", .binary(event: event, request.body), topic)
        } else {
            throw Refusal(.notServed, "send application/json or application/octet-stream")
        }
    }

    /// Rooms are not published to by this door: what they say is theirs to decide.
    private func openTopic(_ name: String) throws(Refusal) -> TopicName {
        let text = name.hasPrefix("realtime:") ? name : "realtime:\(name)"
        guard let topic = TopicName(text) else {
            throw Refusal(
                .unknownTopic,
                "a topic has 1 to \(TopicName.maximumBytes) bytes without control characters")
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
        try checkName(event)
        var json = JSONWriter(reserving: payload.count + 64)
        json.object { json in
            json.field("type", "broadcast")
            json.field("event", event)
            json.field("payload", raw: payload)
        }
        return json.bytes
    }

    private func checkName(_ event: String) throws(Refusal) {
        guard (1...Limits.eventNameBytes).contains(event.utf8.count) else {
            throw Refusal(
                .invalidPayload, "an event's name has 1 to \(Limits.eventNameBytes) bytes")
        }
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
