import Basics
import JSON
import Phoenix
import PubSub
import Resume
import RoomContract
import WebSocket

// Answers and messages for one connection.
extension Edge {
    func reply(
        _ status: ReplyStatus, _ response: [UInt8], to envelope: Envelope,
        _ connection: EdgeConnection
    ) {
        var text: [UInt8] = []
        EnvelopeEncoder(version: connection.version).reply(
            status, response, to: envelope.ref, joinRef: envelope.joinRef, topic: envelope.topic,
            into: &text)
        send(text, .reply, to: connection)
    }

    func refuse(_ envelope: Envelope, _ refusal: Refusal, _ connection: EdgeConnection) {
        let isAlias = envelope.topic.hasPrefix(Self.aliasPrefix)
        reply(.error, refusal.encoded(forAlias: isAlias), to: envelope, connection)
    }

    /// The home's answer to a command.
    func deliver(_ answer: Answer, _ tag: ReplyTag, to member: MemberID) {
        guard let connection = self[member.slot],
            let index = connection.channelIndex(serial: member.serial)
        else { return }
        let channel = connection.channels[index]
        let status: ReplyStatus
        let response: [UInt8]
        switch answer {
        case .ok(let bytes):
            if tag.isQuiet { return }
            (status, response) = (.ok, bytes)
        case .refused(let refusal):
            let isSupabase = channel.wireTopic.hasPrefix(Self.aliasPrefix)
            (status, response) = (.error, refusal.encoded(forAlias: isSupabase))
        case .stored(let receipt):
            if tag.isQuiet { return }
            (status, response) = (.ok, encode(receipt))
        case .page(let entries, let more, let head):
            (status, response) = (.ok, encode(entries, more: more, head: head))
        }
        guard tag.ref != nil || status == .error else { return }
        let envelope = Envelope(
            joinRef: channel.joinRef, ref: tag.ref, topic: channel.wireTopic, event: "",
            payload: .json(Self.nothing))
        reply(status, response, to: envelope, connection)
    }

    /// An event for some members only. A room's own stay behind what the room said before them;
    /// a presence state may overtake older diffs, which repeat what it has.
    func push(_ event: Event, to members: [MemberID]) {
        for member in members {
            if case .room = event.kind, let channel = channel(of: member)?.channel,
                case .joined(let topic, _) = channel.phase,
                follow(event, to: member, in: topic)
            {
                continue
            }
            pushNow(event, to: member)
        }
    }

    func pushNow(_ event: Event, to member: MemberID) {
        guard let (channel, connection) = channel(of: member) else { return }
        if event.name == PresenceEvent.state { setPresenceIsStale(false, of: channel) }
        push(event, to: channel, of: connection)
    }

    private func channel(
        of member: MemberID
    ) -> (channel: Channel, connection: EdgeConnection)? {
        guard let connection = self[member.slot],
            let index = connection.channelIndex(serial: member.serial)
        else { return nil }
        return (connection.channels[index], connection)
    }

    func push(_ event: Event, to channel: Channel, of connection: EdgeConnection) {
        var broadcast = Broadcast(topic: channel.topic, content: .event(event))
        let dialect = connection.dialect(ofAlias: channel.isAlias)
        let frame = broadcast.frame(dialect, deflater)
        guard !frame.isEmpty else { return }
        sendSurely(frame, .reply, to: connection)
    }

    /// A frame that is never discarded: a reply, or what belongs to a join.
    func send(_ text: [UInt8], _ kind: FrameKind, to connection: EdgeConnection) {
        var frame = FrameEncoder.message(.text, text)
        if connection.compresses,
            let compressed = FrameEncoder.compressedMessage(.text, text, deflater)
        {
            frame = compressed
        }
        sendSurely(frame, kind, to: connection)
    }

    /// Queues a frame that nothing brings again: what can come again makes room for it, and a
    /// reader that has no room even then starts afresh.
    private func sendSurely(_ frame: [UInt8], _ kind: FrameKind, to connection: EdgeConnection) {
        if append(frame, kind, to: connection) { return }
        overflowed(connection)
        if !append(frame, kind, to: connection) { close(connection, .slowReader) }
    }

    /// `phx_close`: this channel is over for good.
    func sendClose(of channel: Channel, to connection: EdgeConnection) {
        var text: [UInt8] = []
        EnvelopeEncoder(version: connection.version).close(
            topic: channel.wireTopic, joinRef: channel.joinRef, into: &text)
        send(text, .reply, to: connection)
    }

    /// Supabase's way to say what happened to a channel.
    func sendSystem(
        _ extensionName: String, _ refusal: Refusal, to channel: Channel,
        of connection: EdgeConnection
    ) {
        var json = JSONWriter()
        json.object { json in
            json.field("extension", extensionName)
            json.field("status", "error")
            json.field("reason", refusal.code.name)
            json.field("message", refusal.message)
            json.field("channel", channel.topicBehindAlias)
        }
        var text: [UInt8] = []
        EnvelopeEncoder(version: connection.version).push(
            "system", json.bytes, joinRef: nil, topic: channel.wireTopic, into: &text)
        send(text, .reply, to: connection)
    }

    func position(_ seq: Int64) -> Position {
        Position(epoch: storage.epoch, seq: seq)
    }

    private func encode(_ receipt: Receipt) -> [UInt8] {
        var json = JSONWriter(reserving: 128)
        json.object { json in
            json.field("position", position(receipt.seq).description)
            json.field("seq", receipt.seq)
            json.field("at", receipt.createdAt.rfc3339)
            json.field("repeat", receipt.isRepeat)
        }
        return json.bytes
    }

    private func encode(_ entries: [Entry], more: Bool, head: Head) -> [UInt8] {
        var json = JSONWriter(reserving: entries.reduce(128) { $0 + $1.body.count + 256 })
        json.object { json in
            json.field(
                "messages",
                array: { json in
                    for entry in entries {
                        EntryPayload.append(entry, at: position(entry.seq), to: &json)
                    }
                })
            json.field("more", more)
            json.field("position", position(head.seq).description)
        }
        return json.bytes
    }

    static let aliasPrefix = "realtime:"
}

/// Presence's events, as Phoenix's clients know them.
enum PresenceEvent {
    static let state = "presence_state"
    static let diff = "presence_diff"
}

extension Channel {
    /// The topic without `realtime:`, as `system` messages name it.
    var topicBehindAlias: String {
        wireTopic.hasPrefix(Edge.aliasPrefix)
            ? String(wireTopic.dropFirst(Edge.aliasPrefix.count)) : wireTopic
    }
}

extension Refusal {
    /// The response of an error reply (Protocol/README.md §8).
    package func encoded(forAlias isAlias: Bool) -> [UInt8] {
        var json = JSONWriter(reserving: 128)
        json.object { json in
            json.field("reason", isAlias ? "\(code.supabaseName): \(message)" : code.name)
            json.field("code", code.rawValue)
            json.field("message", message)
            if let retryAfterMs { json.field("retry_after_ms", retryAfterMs) }
        }
        return json.bytes
    }
}
