import Basics
import JSON
import Phoenix
import PubSub
import Resume
import RoomContract
import WebSocket

/// One event or entry on its way to the subscribers of a topic on this loop, encoded at most once
/// per dialect, into frames that every outbox shares.
struct Broadcast {
    let topic: TopicName
    let content: Content
    /// Who said it, and hears it only if it asked to hear itself; nil: everybody hears it.
    let cause: MemberID?
    /// By dialect; an empty frame says that this dialect cannot carry it.
    private var frames: [[UInt8]?] = Array(repeating: nil, count: Dialect.count)

    enum Content {
        /// A durable entry: its `seq`, the event it travels as, its payload, its position.
        case entry(seq: Int64, event: String, payload: [UInt8], position: Position)
        case event(Event)
    }

    init(topic: TopicName, content: Content, cause: MemberID? = nil) {
        self.topic = topic
        self.content = content
        self.cause = cause
    }

    /// The WebSocket frame for `dialect`; empty when the dialect cannot carry it.
    ///
    /// Cost: one encoding at the first call per dialect, a retain afterwards.
    mutating func frame(_ dialect: Dialect, _ deflater: Deflater) -> [UInt8] {
        if let frame = frames[Int(dialect.rawValue)] { return frame }
        let frame = Self.encode(content, topic, dialect, deflater)
        frames[Int(dialect.rawValue)] = frame
        return frame
    }

    private static func encode(
        _ content: Content, _ topic: TopicName, _ dialect: Dialect, _ deflater: Deflater
    ) -> [UInt8] {
        let encoder = EnvelopeEncoder(version: dialect.version)
        let wireTopic = dialect.isAlias ? "realtime:\(topic.text)" : topic.text
        var text: [UInt8] = []
        switch content {
        case .entry(_, let event, let payload, let position):
            if dialect.isAlias {
                let meta = Array("{\"id\":\"\(position)\"}".utf8)
                encoder.aliasBroadcast(event, payload, meta: meta, topic: wireTopic, into: &text)
            } else {
                encoder.broadcast(event, payload, topic: wireTopic, into: &text)
            }
        case .event(let event):
            switch (event.payload, event.kind) {
            case (.json(let payload), .room) where dialect.isAlias:
                encoder.aliasBroadcast(
                    event.name, payload, meta: nil, topic: wireTopic, into: &text)
            case (.json(let payload), .room), (.json(let payload), .system):
                encoder.broadcast(event.name, payload, topic: wireTopic, into: &text)
            case (.binary(let name, let bytes), .room), (.binary(let name, let bytes), .system):
                return binary(name, bytes, wireTopic, dialect)
            }
        }
        return frame(.text, text, isCompressed: dialect.isCompressed, deflater)
    }

    /// Version 1 has no binary frames: its clients do not get binary broadcasts, as at Supabase.
    private static func binary(
        _ event: String, _ bytes: [UInt8], _ topic: String, _ dialect: Dialect
    ) -> [UInt8] {
        guard dialect.version == .v2 else { return [] }
        let broadcast = UserBroadcast(event: event, payload: bytes, isJSON: false)
        var frame: [UInt8] = []
        do {
            try BinaryEncoder.userBroadcast(broadcast, topic: topic, into: &frame)
        } catch {
            // A name that is too long for a length byte came over HTTP or by an alias's longer
            // topic: who cannot be told in binary is not told.
            return []
        }
        return FrameEncoder.message(.binary, frame)
    }

    private static func frame(
        _ kind: MessageKind, _ payload: [UInt8], isCompressed: Bool, _ deflater: Deflater
    ) -> [UInt8] {
        if isCompressed, let frame = FrameEncoder.compressedMessage(kind, payload, deflater) {
            return frame
        }
        return FrameEncoder.message(kind, payload)
    }
}

/// A committed entry as clients see it (Protocol/README.md §4).
enum EntryPayload {
    static func append(_ entry: Entry, at position: Position, to json: inout JSONWriter) {
        json.object { json in
            json.field("position", position.description)
            json.field("seq", entry.seq)
            json.field("sender", entry.sender)
            json.field("client_id", entry.clientID)
            json.field("at", entry.createdAt.rfc3339)
            json.field("body", raw: entry.body)
            json.field("meta", object: { $0.field("id", position.description) })
        }
    }

    static func encode(_ entry: Entry, at position: Position) -> [UInt8] {
        var json = JSONWriter(reserving: entry.body.count + 256)
        append(entry, at: position, to: &json)
        return json.bytes
    }
}
