import Basics
import JSON
import Phoenix
import PubSub
import Resume
import RoomContract

// Joining and leaving: the edge reads what the client wants, the home decides, and the answer
// cuts the log in two: what is past is replayed, what comes is live.
extension Edge {
    func join(_ envelope: Envelope, from connection: EdgeConnection) {
        if let index = connection.channelIndex(wireTopic: envelope.topic) {
            replace(index, of: connection)
        }
        do throws(Refusal) {
            let parameters = try parameters(of: envelope, connection)
            let (topic, isAlias) = try topic(named: envelope.topic)
            guard connection.channels.count < Limits.topicsPerConnection else {
                throw Refusal(
                    .tooManyTopics, "a connection may join \(Limits.topicsPerConnection) topics")
            }
            nextSerial += 1
            let channel = Channel(
                phase: .joining(parameters, replyTo: envelope.ref), serial: nextSerial,
                topic: topic, joinRef: envelope.joinRef ?? envelope.ref, isAlias: isAlias,
                acks: parameters.acks || !envelope.topic.hasPrefix(Self.aliasPrefix))
            connection.channels.append(channel)
            let request = JoinRequest(
                isPrivate: parameters.isPrivate, presenceKey: parameters.presenceKey)
            post(
                home(of: topic),
                .join(
                    JoinMail(
                        topic: topic, member: memberID(connection, channel),
                        identity: connection.identity, request: request,
                        presenceKey: parameters.presenceKey ?? mintedKey())))
        } catch {
            refuse(envelope, error, connection)
        }
    }

    /// A second join of a topic ends the first, as in Phoenix: the newest wins.
    private func replace(_ index: Int, of connection: EdgeConnection) {
        let old = connection.channels.remove(at: index)
        end(old, of: connection)
        sendClose(of: old, to: connection)
        post(home(of: old.topic), .lost(topic: old.topic, memberID(connection, old)))
    }

    private func parameters(
        of envelope: Envelope, _ connection: EdgeConnection
    ) throws(Refusal) -> JoinParameters {
        if case .json(let bytes) = envelope.payload, bytes.count > Limits.joinBytes {
            throw Refusal(
                .tooLarge,
                "a join has \(bytes.count) bytes of parameters, the limit is \(Limits.joinBytes)")
        }
        let payload: JSONValue =
            switch envelope.payload {
            case .json(let bytes):
                try Command(event: ControlEvent.join, payload: .json(bytes)).object()
            case .binary, .userBroadcast: .object(.init())
            }
        let parameters = try JoinParameters(payload)
        if let token = parameters.accessToken {
            try renew(connection, with: token)
        }
        return parameters
    }

    /// `realtime:course:42` is another name of the room `course:42`.
    private func topic(named name: String) throws(Refusal) -> (TopicName, isAlias: Bool) {
        guard let topic = TopicName(name) else {
            throw Refusal(
                .unknownTopic,
                "a topic has 1 to \(TopicName.maximumBytes) bytes without control characters")
        }
        if name.hasPrefix(Self.aliasPrefix),
            let inner = TopicName(String(name.dropFirst(Self.aliasPrefix.count))),
            !inner.text.hasPrefix(Self.aliasPrefix), catalog.kind(of: inner) != nil
        {
            return (inner, true)
        }
        guard catalog.kind(of: topic) != nil else {
            throw Refusal(.unknownTopic, "no room serves this topic")
        }
        return (topic, false)
    }

    /// A presence key for a client that brought none: 64 random bits, which the generator repeats
    /// on no loop. Its 13 characters fit a string without memory of its own.
    private func mintedKey() -> String {
        String(random.next(), radix: 36)
    }

    func leave(_ envelope: Envelope, from connection: EdgeConnection) {
        // Leaving what was never joined, or left already, is as good as having left it. A leave
        // that names an older join than the current one is about that older one.
        if let index = connection.channelIndex(wireTopic: envelope.topic),
            envelope.joinRef == nil || envelope.joinRef == connection.channels[index].joinRef
        {
            let channel = connection.channels.remove(at: index)
            end(channel, of: connection)
            post(
                home(of: channel.topic),
                .leave(topic: channel.topic, memberID(connection, channel)))
            reply(.ok, Self.nothing, to: envelope, connection)
            sendClose(of: channel, to: connection)
        } else {
            reply(.ok, Self.nothing, to: envelope, connection)
        }
    }

    /// Ends the channel's subscription, if it has one.
    func end(_ channel: Channel, of connection: EdgeConnection) {
        guard case .joined(let topic, let subscription) = channel.phase else { return }
        catchUps[ChannelID(slot: connection.slot, serial: channel.serial)] = nil
        if table.unsubscribe(subscription, from: topic) { localTopics[topic.slot] = nil }
    }

    // MARK: The home's answer

    func admitted(_ member: MemberID, _ welcome: Welcome) {
        guard let connection = self[member.slot],
            let index = connection.channelIndex(serial: member.serial),
            case .joining(let parameters, let ref) = connection.channels[index].phase,
            let kind = catalog.kind(of: connection.channels[index].topic)
        else { return }
        let channel = connection.channels[index]
        let wantsPresence =
            parameters.presenceEnabled ?? !channel.wireTopic.hasPrefix(Self.aliasPrefix)
        var flags: Subscription.Flags = kind.traits.isDurable ? [.catchingUp] : []
        if parameters.hearsItself { flags.insert(.hearsItself) }
        if wantsPresence && welcome.presence != nil { flags.insert(.wantsPresence) }
        let (topic, subscription) = table.subscribe(
            Subscription(
                connection: connection.slot, channel: channel.number,
                dialect: connection.dialect(ofAlias: channel.isAlias).rawValue, flags: flags),
            to: channel.topic)
        while localTopics.count <= topic.slot { localTopics.append(nil) }
        // A topic whose last subscriber left in the middle of a walk outlives it until the walk's
        // end, while its home sends nothing here: its tail may be older than the welcome.
        if let local = localTopics[topic.slot] {
            localTopics[topic.slot]?.tail = max(local.tail, welcome.head.seq)
        } else {
            localTopics[topic.slot] = LocalTopic(traits: kind.traits, tail: welcome.head.seq)
        }
        connection.channels[index].phase = .joined(topic, subscription)
        connection.channels[index].topic = table.name(of: topic)
        let pending = PendingWelcome(
            welcome: welcome, parameters: parameters, ref: ref,
            wantsPresence: flags.contains(.wantsPresence))
        if kind.traits.isDurable {
            beginCatchUp(of: channel, connection, topic, pending)
        } else {
            welcomeIn(channel, connection, pending, verdict: nil, tail: 0)
        }
    }

    /// Answers the join, and sends what belongs to it.
    func welcomeIn(
        _ channel: Channel, _ connection: EdgeConnection, _ pending: PendingWelcome,
        verdict: ResumeVerdict?, tail: Int64
    ) {
        let envelope = Envelope(
            joinRef: channel.joinRef, ref: pending.ref, topic: channel.wireTopic,
            event: ControlEvent.join, payload: .json(Self.nothing))
        reply(.ok, joinReply(channel, pending, verdict, tail: tail), to: envelope, connection)
        if case .gap(let from, let to) = verdict { sendGap(from, to, to: channel, connection) }
        if presenceIsStale(of: channel) {
            wantPresence(of: channel, connection)
        } else if pending.wantsPresence, let state = pending.welcome.presence {
            let event = Event(name: PresenceEvent.state, payload: .json(state), kind: .system)
            push(event, to: channel, of: connection)
        }
        if !pending.parameters.databaseChanges.isEmpty {
            sendSystem(
                "postgres_changes",
                Refusal(.notServed, "database changes are not offered by this server"),
                to: channel, of: connection)
        }
    }

    private func joinReply(
        _ channel: Channel, _ pending: PendingWelcome, _ verdict: ResumeVerdict?, tail: Int64
    ) -> [UInt8] {
        var json = JSONWriter(reserving: 160)
        json.object { json in
            if let verdict {
                json.field("position", position(tail).description)
                json.field("resume", verdict.name)
            }
            if let role = pending.welcome.role { json.field("role", role.rawValue) }
            if let unread = pending.welcome.unread { json.field("unread", unread) }
            // Swift's and Kotlin's clients count as joined only when this key is there.
            if channel.wireTopic.hasPrefix(Self.aliasPrefix) {
                json.field("postgres_changes", raw: pending.parameters.databaseChangesEcho)
            }
        }
        return json.bytes
    }

    /// Entries behind `from - 1`, the position the client holds, up to `to` do not follow.
    func sendGap(_ from: Int64, _ to: Int64, to channel: Channel, _ connection: EdgeConnection) {
        var json = JSONWriter(reserving: 64)
        json.object { json in
            json.field("from", position(from - 1).description)
            json.field("to", position(to).description)
        }
        push(
            Event(name: "gap", payload: .json(json.bytes), kind: .room), to: channel,
            of: connection)
    }

    func refused(_ member: MemberID, _ refusal: Refusal) {
        guard let connection = self[member.slot],
            let index = connection.channelIndex(serial: member.serial),
            case .joining(_, let ref) = connection.channels[index].phase
        else { return }
        let channel = connection.channels.remove(at: index)
        let envelope = Envelope(
            joinRef: channel.joinRef, ref: ref, topic: channel.wireTopic,
            event: ControlEvent.join, payload: .json(Self.nothing))
        refuse(envelope, refusal, connection)
    }

    /// The room closed to a member: it is told why, and that it is for good.
    func removed(_ member: MemberID, _ refusal: Refusal) {
        guard let connection = self[member.slot],
            let index = connection.channelIndex(serial: member.serial)
        else { return }
        let channel = connection.channels.remove(at: index)
        end(channel, of: connection)
        sendSystem("system", refusal, to: channel, of: connection)
        sendClose(of: channel, to: connection)
    }
}

/// What the answer to a join needs once its verdict is known.
struct PendingWelcome {
    let welcome: Welcome
    let parameters: JoinParameters
    let ref: Ref?
    let wantsPresence: Bool
}

extension ResumeVerdict {
    /// The word for it in the join's reply.
    var name: String {
        switch self {
        case .resumed: "resumed"
        case .gap: "gap"
        case .reset: "reset"
        case .fresh: "fresh"
        }
    }
}
