import Basics
import Hub
import JSON
import Phoenix
import RoomContract
import WebSocket

/// A client of a simulation: it keeps positions, comes back, and sends again what was not
/// acknowledged. It forgives nothing: what comes twice, out of order or unasked is a violation.
final class Client {
    let world: World
    let name: String
    let person: String
    let version: WireVersion
    let isAlias: Bool
    let compresses: Bool
    var line: Line?
    var memberships: [Membership] = []
    var latency = Line.Latency()
    /// Reads as fast as bytes come; slow ones are exempt from deadlines.
    var pace = Line.Pace.atOnce
    /// What it reads may be old until then.
    var lastSlow = Instant(nanoseconds: 0)
    /// While false it stays away once it is gone.
    var comesBack = true
    /// While false it takes a refused join for an answer.
    var triesAgain = true
    /// Where to connect; nil while no server runs.
    let findLoop: () -> SimulatedLoop?
    /// Whether the person should hear nothing of a topic any more.
    var isShutOut: (String) -> Bool = { _ in false }
    var reconnects = 0
    private var pending: [String: Request] = [:]
    /// Requests of a channel that ended before they were answered: an answer may still come.
    private var excused: [String: Request] = [:]
    private var lastRef = 0
    private var said = 0
    private let decoder = ClientDecoder(parser: JSONParser(maximumBytes: 4 << 20))

    /// A request that was not answered yet.
    enum Request {
        case join(Membership)
        case leave(Membership)
        case say(Membership, clientID: String)
        case track(Membership, Bool)
        case other(Membership?)

        /// The channel whose end excuses an answer; a leave is always answered.
        var membership: Membership? {
            switch self {
            case .join(let membership), .say(let membership, _), .track(let membership, _):
                membership
            case .other(let membership): membership
            case .leave: nil
            }
        }
    }

    init(
        world: World, name: String, person: String, version: WireVersion, isAlias: Bool,
        compresses: Bool, topics: [String], findLoop: @escaping () -> SimulatedLoop?
    ) {
        self.world = world
        self.name = name
        self.person = person
        self.version = version
        self.isAlias = isAlias
        self.compresses = compresses
        self.findLoop = findLoop
        memberships = topics.map { topic in
            let isPlain = !isAlias || topic.hasPrefix("realtime:")
            return Membership(topic: topic, wireTopic: isPlain ? topic : "realtime:\(topic)")
        }
    }

    var readsAtOnce: Bool { lastSlow < world.now }

    func violated(_ what: String) { world.violated("\(name): \(what)") }

    // MARK: The line

    func connect() {
        guard line == nil, comesBack else { return }
        guard let loop = findLoop() else { return connectLater() }
        pending = [:]
        excused = [:]
        reconnects += 1
        let attempt = reconnects
        let line = Line(
            to: loop,
            identity: Identity(person: person, expiresAt: .init(secondsSince1970: 9_000_000_000)),
            version: version, compresses: compresses, latency: latency
        ) { [unowned self] event in
            guard attempt == reconnects else { return }
            switch event {
            case .message(let kind, let bytes): receive(kind, bytes)
            case .ended(let reason): lineEnded(reason)
            }
        }
        line.pace = pace
        self.line = line
        for membership in memberships where membership.isWanted { join(membership) }
        beat(attempt)
    }

    private func connectLater() {
        world.schedule(after: world.milliseconds(20...1_200)) { [weak self] in self?.connect() }
    }

    /// A heartbeat each 25 seconds.
    private func beat(_ attempt: Int) {
        world.schedule(after: .seconds(25)) { [weak self] in
            guard let self, attempt == reconnects, line != nil else { return }
            push("phoenix", "heartbeat", "{}", joinRef: nil, .other(nil))
            beat(attempt)
        }
    }

    func cut() {
        guard let line else { return }
        line.cut(
            noticedAfter: world.chance(50)
                ? world.milliseconds(1...200) : world.milliseconds(200...2_500))
        forgetLine()
    }

    /// Goodbye, with 1000: presence ends at once.
    func close() {
        line?.close()
        forgetLine()
    }

    private func lineEnded(_ reason: CloseReason?) {
        if let reason, reason != .slowReader { violated("the server closed with \(reason)") }
        forgetLine()
    }

    private func forgetLine() {
        line = nil
        for membership in memberships { membership.ended() }
        pending = [:]
        connectLater()
    }

    // MARK: Saying

    func join(_ membership: Membership) {
        guard line != nil else { return }
        let start: Membership.Start =
            if let last = membership.last { .position(last) } else {
                .history(Int64(world.chance(50) ? 0 : 5))
            }
        ended(membership)
        membership.asked = start
        var json = JSONWriter()
        json.object { json in
            if membership.isDurable {
                switch start {
                case .position(let seq): json.field("position", "sim-\(seq)")
                case .history(let count): json.field("history", count)
                }
            }
            if membership.wireTopic.hasPrefix("realtime:") {
                json.field(
                    "config",
                    object: { json in
                        json.field("broadcast", object: { $0.field("ack", true) })
                        json.field(
                            "presence",
                            object: { json in
                                json.field("key", name)
                                json.field("enabled", true)
                            })
                    })
            }
        }
        let ref = push(
            membership.wireTopic, "phx_join", String(decoding: json.bytes, as: UTF8.self),
            joinRef: nil,
            .join(membership))
        membership.state = .joining(ref: ref)
    }

    func leave(_ membership: Membership) {
        guard let joinRef = membership.joinRef else { return }
        ended(membership)
        push(membership.wireTopic, "phx_leave", "{}", joinRef: joinRef, .leave(membership))
        membership.isWanted = false
    }

    /// The channel is over, and with it the claim to what was asked in it.
    func ended(_ membership: Membership) {
        for (ref, request) in pending where request.membership === membership {
            pending[ref] = nil
            excused[ref] = request
        }
        membership.ended()
    }

    /// Says something new.
    func say(_ membership: Membership, text: String? = nil) {
        guard membership.unacknowledged.count < 20 else { return }
        said += 1
        let id = "\(name)-\(said)"
        membership.unacknowledged.append((id, text ?? "text \(id)"))
        send(membership, id)
    }

    func send(_ membership: Membership, _ id: String) {
        guard membership.isJoined,
            let message = membership.unacknowledged.first(where: { $0.clientID == id })
        else { return }
        let payload = #"{"client_id":"\#(id)","text":"\#(message.text)"}"#
        command(membership, "message:send", payload, .say(membership, clientID: id))
    }

    /// A room's event, inside a broadcast on an alias.
    func command(_ membership: Membership, _ event: String, _ payload: String, _ request: Request) {
        guard membership.isJoined else { return }
        let wrapped = isAlias && membership.isDurable
        push(
            membership.wireTopic, wrapped ? "broadcast" : event,
            wrapped ? #"{"type":"broadcast","event":"\#(event)","payload":\#(payload)}"# : payload,
            joinRef: membership.joinRef, request)
    }

    @discardableResult
    func push(
        _ topic: String, _ event: String, _ payload: String, joinRef: String?, _ request: Request
    ) -> String {
        lastRef += 1
        let ref = "\(lastRef)"
        pending[ref] = request
        var frame: [UInt8] = []
        let joinRef = event == "phx_join" ? ref : joinRef
        ClientEncoder(version: version).push(
            event, Array(payload.utf8), ref: .text(ref), joinRef: joinRef.map(Ref.text),
            topic: topic, into: &frame)
        line?.send(.text, frame)
        return ref
    }

    /// Nothing waits for an answer.
    var isAnswered: Bool { pending.isEmpty }

    var unanswered: String { pending.map { "\($0.key): \($0.value)" }.joined(separator: ", ") }

    // MARK: Hearing

    private func receive(_ kind: MessageKind, _ bytes: [UInt8]) {
        let envelope: ServerEnvelope
        do {
            envelope =
                try kind == .text
                ? decoder.decode(text: bytes, version: version) : decoder.decode(binary: bytes)
        } catch {
            return violated("cannot read \(String(decoding: bytes, as: UTF8.self)): \(error)")
        }
        switch envelope.payload {
        case .reply(let status, let response):
            answered(envelope, status, value(response))
        case .json(let payload): heard(envelope, value(payload))
        case .binaryReply, .binary, .userBroadcast: break
        }
    }

    private func value(_ bytes: [UInt8]) -> JSONValue {
        do { return try JSONValue.parse(bytes) } catch {
            violated("invalid JSON: \(error)")
            return .null
        }
    }

    private func answered(_ envelope: ServerEnvelope, _ status: ReplyStatus, _ response: JSONValue)
    {
        let isCurrent = envelope.ref.map { pending[$0.description] != nil } ?? false
        guard let ref = envelope.ref?.description,
            let request = pending.removeValue(forKey: ref) ?? excused.removeValue(forKey: ref)
        else {
            return violated("an answer to nothing, or a second one: \(envelope)")
        }
        switch (request, status) {
        case (.join(let membership), .ok): joined(membership, ref, response)
        case (.join(let membership), .error): refusedJoin(membership, ref, response)
        case (.say(let membership, let id), .ok): acknowledged(membership, id, response)
        case (.say(let membership, let id), .error): refusedMessage(membership, id, response)
        case (.track(let membership, let isTracked), .ok):
            // An answer to an earlier channel says nothing of this one.
            if isCurrent { membership.isTracked = isTracked }
        case (.leave, .ok), (.other, .ok), (.other, .error), (.track, .error): break
        case (.leave, .error): violated("a leave was refused")
        }
    }

    private func acknowledged(_ membership: Membership, _ id: String, _ response: JSONValue) {
        guard let seq = response["seq"]?.integer else {
            return violated("an acknowledgement without seq")
        }
        if let before = membership.acknowledged[id], before != seq {
            violated("\(id) was acknowledged as \(before) and as \(seq)")
        }
        membership.acknowledged[id] = seq
        membership.unacknowledged.removeAll { $0.clientID == id }
    }

    private func refusedMessage(_ membership: Membership, _ id: String, _ response: JSONValue) {
        let code = response["code"]?.integer ?? 0
        switch code {
        case 1002: break
        case 2000...:
            world.schedule(after: .milliseconds(300)) { [weak self] in self?.send(membership, id) }
        default: violated("\(id) was refused: \(response)")
        }
    }

    private func refusedJoin(_ membership: Membership, _ ref: String, _ response: JSONValue) {
        guard membership.state == .joining(ref: ref) else { return }
        membership.state = .absent
        let code = response["code"]?.integer ?? 0
        if code < 2000, code != 1005 { violated("a join was refused: \(response)") }
        world.schedule(after: world.milliseconds(100...1_500)) { [weak self] in
            guard let self, triesAgain, membership.state == .absent, membership.isWanted else {
                return
            }
            join(membership)
        }
    }
}
