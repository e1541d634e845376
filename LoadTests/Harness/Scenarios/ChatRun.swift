import Basics
import EventLoop
import Glibc
import JSON
import Phoenix

/// One run of ``ChatScenario``.
///
///     joining ──everybody is in──▶ settling ──▶ sending ──time is over──▶ draining ──▶ over
final class ChatRun {
    enum Phase: String {
        case joining, settling, sending, draining, over
    }

    /// A person in a course: a stream of messages to it, and a ledger of what comes from it.
    struct Seat {
        let client: Client
        let course: Int
        /// Which of the client's topics it is.
        let topic: Int
        var ledger: SequenceLedger?
        var sent: Int64 = 0
    }

    /// A message that is not acknowledged yet.
    struct Unacknowledged {
        let seat: Int
        let mark: Mark
        let clientID: String
    }

    private static let leadNanoseconds: Int64 = 50_000_000
    private static let seqLabel = Array(#""seq":"#.utf8)

    let scenario: ChatScenario
    let loop: EventLoop
    let crowd: Crowd
    private let progress = Progress()
    private(set) var phase = Phase.joining

    /// In the order in which they take turns; a client's are found by ``firstSeat``.
    private(set) var seats: [Seat] = []
    /// By client: its seats, in the order of its topics.
    private var seatsOfClient: [[Int]]
    private var unacknowledged: [Int: Unacknowledged] = [:]
    private var nextRef = 0
    private var nextSeat = 0
    /// By course: the highest `seq` that was acknowledged or delivered.
    private(set) var heads: [Int64]
    /// Makes client ids of this run unlike those of any other.
    private let runName = "\(time(nil))-\(getpid())"

    private(set) var beforeConnecting: ProcessProbe.Sample?
    private(set) var whenJoined: ProcessProbe.Sample?
    private var window: UsageWindow?
    private(set) var sendingUsage: UsageWindow.Usage?
    private var metronome: Metronome?
    private var timer: LoopTimer?
    private var firstDue: Int64 = 0
    private var beatsSent = 0

    private(set) var ackLatency = Histogram()
    private(set) var deliveryLatency = Histogram()
    private(set) var lateness = Histogram()
    private(set) var sentCount = 0
    private(set) var acknowledged = 0
    /// Acknowledged while sending went on, which is what counts for a rate.
    private(set) var acknowledgedInTime = 0
    private(set) var repeats = 0
    private(set) var deliveries = 0
    /// Temporary refusals by name; each was sent again.
    private(set) var retries: [String: Int] = [:]
    /// Refusals for good.
    private(set) var refusals: [String: Int] = [:]
    private var finder = MarkFinder()

    init(_ scenario: ChatScenario, on loop: EventLoop) {
        self.scenario = scenario
        self.loop = loop
        beforeConnecting = scenario.common.server?.sample()
        heads = Array(repeating: 0, count: scenario.rooms)
        seatsOfClient = Array(repeating: [], count: scenario.people)
        let fleet = Fleet(
            loop: loop, count: scenario.people, address: scenario.common.target,
            spreadsAddresses: scenario.common.spreadsAddresses
        ) { scenario.common.socketPath(for: "load-\($0 + 1)") }
        crowd = Crowd(loop: loop, fleet: fleet, joinPayload: Array("{}".utf8)) { person in
            scenario.courses(of: person).map { "course:load-\($0 + 1)" }
        }
        takeSeats()
        crowd.owner = self
    }

    /// Seat s belongs to person s mod people: turns go round the people, not round one course.
    private func takeSeats() {
        for seat in 0..<scenario.rooms * scenario.members {
            let person = seat % scenario.people
            seats.append(
                Seat(
                    client: crowd.fleet.clients[person], course: seat / scenario.members,
                    topic: seatsOfClient[person].count))
            seatsOfClient[person].append(seat)
        }
    }

    func start() {
        progress.start(on: loop) { [unowned self] in line }
        crowd.assemble(within: scenario.common.readyTimeout)
    }

    private var line: String {
        "chat \(phase.rawValue): \(crowd.progress), sent \(sentCount), "
            + "acknowledged \(acknowledged), under way \(unacknowledged.count), "
            + "delivered \(deliveries), ack p99 \(ackLatency.percentile(99).inMs.short) ms"
    }
}

// Sending.
extension ChatRun {
    private func beginSending() {
        phase = .sending
        whenJoined = scenario.common.server?.sample()
        window = UsageWindow(server: scenario.common.server)
        firstDue = MonotonicClock.nanoseconds + ChatRun.leadNanoseconds
        if scenario.isClosedLoop {
            timer = loop.schedule(after: .seconds(scenario.seconds)) { [unowned self] in
                beginDraining()
            }
            for _ in 0..<scenario.window { sendNext(due: MonotonicClock.nanoseconds) }
        } else {
            metronome = Metronome(
                loop: loop, start: firstDue, interval: 1_000_000_000 / Int64(scenario.rate),
                beats: scenario.messages
            ) { [unowned self] in send(through: $0) }
        }
    }

    private func send(through beat: Int) {
        guard phase == .sending else { return }
        while beatsSent <= beat {
            let due = firstDue + Int64(beatsSent) * (1_000_000_000 / Int64(scenario.rate))
            sendNext(due: due)
            lateness.record(MonotonicClock.nanoseconds - due)
            beatsSent += 1
        }
        if beatsSent == scenario.messages { beginDraining() }
    }

    /// A new message from the seat whose turn it is.
    private func sendNext(due: Int64) {
        let seat = nextSeat
        nextSeat = (nextSeat + 1) % seats.count
        let mark = Mark(stream: seats[seat].course, number: seats[seat].sent, dueNanoseconds: due)
        seats[seat].sent += 1
        sentCount += 1
        send(
            Unacknowledged(
                seat: seat, mark: mark, clientID: "\(runName)-\(seat)-\(seats[seat].sent)"))
    }

    private func send(_ message: Unacknowledged) {
        nextRef += 1
        unacknowledged[nextRef] = message
        let seat = seats[message.seat]
        var words: [UInt8] = []
        message.mark.append(to: &words)
        words += repeatElement(UInt8(ascii: "x"), count: scenario.textBytes - words.count)
        var payload = JSONWriter(reserving: words.count + 64)
        payload.object { payload in
            payload.field("client_id", message.clientID)
            payload.field("text", String(decoding: words, as: UTF8.self))
        }
        var text: [UInt8] = []
        crowd.encoder.push(
            "message:send", payload.bytes, ref: .text("m\(nextRef)"),
            joinRef: crowd.joinRef(seat.topic), topic: "course:load-\(seat.course + 1)",
            into: &text)
        crowd.fleet.send(text, from: seat.client)
    }

    private func beginDraining() {
        guard phase == .sending else { return }
        phase = .draining
        sendingUsage = window?.usage()
        timer?.cancel()
        let deadline = MonotonicClock.nanoseconds + scenario.common.drain.inNanoseconds
        timer = loop.schedule(after: .milliseconds(10), repeating: .milliseconds(10)) {
            [unowned self] in
            let isComplete =
                unacknowledged.isEmpty && deliveries >= acknowledged * scenario.members
            if isComplete || MonotonicClock.nanoseconds > deadline { finish() }
        }
    }

    private func finish() {
        guard phase != .over else { return }
        phase = .over
        timer?.cancel()
        metronome?.stop()
        progress.finish()
        crowd.fleet.sayGoodbye()
        loop.stop()
    }

    var unacknowledgedCount: Int { unacknowledged.count }
}

// Answers.
extension ChatRun: CrowdOwner {
    /// The stream has to begin behind the head at which the join took effect.
    func clientJoined(_ client: Client, topic: Int, response: JSONValue) {
        let seat = seatsOfClient[client.index][topic]
        guard let position = response["position"]?.string,
            let head = position.split(separator: "-").last.flatMap({ Int64($0) })
        else {
            refusals["a join was answered without a position", default: 0] += 1
            return
        }
        seats[seat].ledger = SequenceLedger(first: head + 1)
        let course = seats[seat].course
        heads[course] = max(heads[course], head)
    }

    func crowdIsReady() {
        guard crowd.joinedCount > 0 else {
            finish()
            return
        }
        phase = .settling
        loop.schedule(after: scenario.common.settle) { [unowned self] in beginSending() }
    }

    func clientReceived(_ client: Client, _ text: [UInt8], at now: Int64) {
        if let mark = finder.find(in: text.span), mark.stream < scenario.rooms {
            delivered(mark, text, to: client, at: now)
            return
        }
        // Presence and answers to heartbeats are nobody's business here.
        guard let envelope = crowd.decode(text),
            case .reply(let status, let response) = envelope.payload,
            case .text(let ref)? = envelope.ref, ref.hasPrefix("m"),
            let number = Int(ref.dropFirst()),
            let message = unacknowledged.removeValue(forKey: number)
        else { return }
        let answer = crowd.parse(response)
        switch status {
        case .ok: acknowledge(message, answer, at: now)
        case .error: refuse(message, answer)
        }
    }

    private func delivered(_ mark: Mark, _ text: [UInt8], to client: Client, at now: Int64) {
        deliveries += 1
        deliveryLatency.record(now - mark.dueNanoseconds)
        guard let seq = Digits.after(ChatRun.seqLabel, in: text.span),
            let seat = seatsOfClient[client.index].first(where: {
                seats[$0].course == mark.stream
            })
        else {
            refusals["a message came without seq or to a stranger", default: 0] += 1
            return
        }
        seats[seat].ledger?.receive(seq)
        heads[mark.stream] = max(heads[mark.stream], seq)
    }

    private func acknowledge(_ message: Unacknowledged, _ answer: JSONValue, at now: Int64) {
        acknowledged += 1
        ackLatency.record(now - message.mark.dueNanoseconds)
        if answer["repeat"]?.bool == true { repeats += 1 }
        if let seq = answer["seq"]?.integer {
            heads[message.mark.stream] = max(heads[message.mark.stream], seq)
        } else {
            refusals["an acknowledgement came without seq", default: 0] += 1
        }
        guard phase == .sending else { return }
        acknowledgedInTime += 1
        if scenario.isClosedLoop { sendNext(due: now) }
    }

    /// Temporary refusals (codes from 2000 on) are sent again, under the same client id.
    private func refuse(_ message: Unacknowledged, _ answer: JSONValue) {
        let name = answer["reason"]?.string ?? "refused"
        guard let code = answer["code"]?.integer, code >= 2_000 else {
            refusals[name, default: 0] += 1
            return
        }
        retries[name, default: 0] += 1
        let wait = answer["retry_after_ms"]?.integer ?? 100
        loop.schedule(after: .milliseconds(max(1, wait))) { [unowned self] in
            guard phase != .over else { return }
            send(message)
        }
    }
}
