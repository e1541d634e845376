import Basics
import EventLoop
import Glibc
import JSON
import Phoenix

/// People in course channels as a good client would be: each seat keeps its position and resumes
/// from it, and keeps what it sent until it is acknowledged.
final class Courses {
    /// A person in a course: a stream of messages to it, and a ledger of what comes from it.
    struct Seat {
        let client: Client
        let course: Int
        /// Which of the client's topics it is.
        let topic: Int
        /// From the first join on; its end is the position to resume from.
        var ledger: SequenceLedger?
        var sent: Int64 = 0
        /// Refs of messages that wait for their acknowledgement.
        var waiting: Set<Int> = []
    }

    /// A message that is not acknowledged yet.
    private struct Unacknowledged {
        let seat: Int
        let mark: Mark
        let clientID: String
    }

    private static let seqLabel = Array(#""seq":"#.utf8)

    let plan: SeatPlan
    let crowd: Crowd
    weak var owner: (any CoursesOwner)?

    /// In the order in which they take turns.
    private(set) var seats: [Seat] = []
    /// By course: the highest `seq` that was acknowledged or delivered.
    private(set) var heads: [Int64]

    private(set) var ackLatency = Histogram()
    private(set) var deliveryLatency = Histogram()
    private(set) var timeline = Timeline()
    private(set) var sentCount = 0
    private(set) var acknowledged = 0
    private(set) var repeats = 0
    private(set) var deliveries = 0
    /// Temporary refusals by name; each message was sent again.
    private(set) var retries: [String: Int] = [:]
    /// Messages sent on an arrival or return: those that were due without a connection, and those
    /// whose connection was lost before the answer came.
    private(set) var resent = 0
    /// Refusals for good, and answers that break the protocol.
    private(set) var refusals: [String: Int] = [:]
    /// What the server said to joins with a position: `resumed`, `gap` or `reset`.
    private(set) var verdicts: [String: Int] = [:]
    /// Gaps told during a stream, to readers too slow for it.
    private(set) var lateGaps = 0

    private let loop: EventLoop
    private let textBytes: Int
    private let courseName: (Int) -> String
    /// By client: its seats, in the order of its topics.
    private var seatsOfClient: [[Int]]
    private var unacknowledged: [Int: Unacknowledged] = [:]
    private var nextRef = 0
    private var nextSeat = 0
    private var epoch = ""
    /// Makes client ids of this run unlike those of any other.
    private let runName = "\(time(nil))-\(getpid())"
    private var finder = MarkFinder()
    private var isOver = false

    init(loop: EventLoop, plan: SeatPlan, textBytes: Int, common: CommonOptions) {
        self.loop = loop
        self.plan = plan
        self.textBytes = textBytes
        heads = Array(repeating: 0, count: plan.rooms)
        seatsOfClient = Array(repeating: [], count: plan.people)
        let fleet = Fleet(loop: loop, count: plan.people, common: common)
        let names = { (person: Int) in
            plan.courses(of: person).map { common.course($0) }
        }
        courseName = common.course
        weak var courses: Courses?
        crowd = Crowd(loop: loop, fleet: fleet, topics: names) { client, topic in
            courses?.joinPayload(client, topic) ?? Array("{}".utf8)
        }
        courses = self
        takeSeats()
        crowd.owner = self
    }

    private func takeSeats() {
        for seat in 0..<plan.seats {
            let person = seat % plan.people
            seats.append(
                Seat(
                    client: crowd.fleet.clients[person], course: seat / plan.members,
                    topic: seatsOfClient[person].count))
            seatsOfClient[person].append(seat)
        }
    }

    var unacknowledgedCount: Int { unacknowledged.count }

    /// Whether nothing is under way: all is acknowledged and has come everywhere.
    var isQuiet: Bool {
        unacknowledged.isEmpty
            && seats.allSatisfy { seat in (seat.ledger?.last ?? 0) >= heads[seat.course] }
    }

    /// Every member of every course, held to n+1, n+2, … up to the head.
    var totals: LedgerTotals {
        var totals = LedgerTotals()
        for seat in seats {
            if let ledger = seat.ledger { totals.add(ledger, through: heads[seat.course]) }
        }
        return totals
    }

    /// Says goodbye; nothing is sent again from here on.
    func finish() {
        isOver = true
        crowd.fleet.sayGoodbye()
    }
}

// Sending.
extension Courses {
    /// A new message from the seat whose turn it is, those without a connection passed over. When
    /// nobody is connected it waits with the one whose turn it was.
    func sendNext(due: Int64) {
        let turns = (0..<seats.count).lazy.map { (self.nextSeat + $0) % self.seats.count }
        let seat = turns.first { self.seats[$0].client.stage == .joined } ?? nextSeat
        nextSeat = (seat + 1) % seats.count
        send(from: seat, due: due)
    }

    /// A new message from a seat. Without a connection it waits for the return, as in a client.
    func send(from seat: Int, due: Int64) {
        let mark = Mark(stream: seats[seat].course, number: seats[seat].sent, dueNanoseconds: due)
        seats[seat].sent += 1
        sentCount += 1
        nextRef += 1
        unacknowledged[nextRef] = Unacknowledged(
            seat: seat, mark: mark, clientID: "\(runName)-\(seat)-\(seats[seat].sent)")
        seats[seat].waiting.insert(nextRef)
        if seats[seat].client.stage == .joined { transmit(nextRef) }
    }

    /// An event without an answer of interest, such as `typing`.
    func push(_ event: String, from seat: Int) {
        let seat = seats[seat]
        guard seat.client.stage == .joined else { return }
        var text: [UInt8] = []
        crowd.encoder.push(
            event, Array("{}".utf8), ref: .text("e"), joinRef: crowd.joinRef(seat.topic),
            topic: courseName(seat.course), into: &text)
        crowd.fleet.send(text, from: seat.client)
    }

    private func transmit(_ ref: Int) {
        guard let message = unacknowledged[ref] else { return }
        let seat = seats[message.seat]
        var words: [UInt8] = []
        message.mark.append(to: &words)
        words += repeatElement(UInt8(ascii: "x"), count: textBytes - words.count)
        var payload = JSONWriter(reserving: words.count + 64)
        payload.object { payload in
            payload.field("client_id", message.clientID)
            payload.field("text", String(decoding: words, as: UTF8.self))
        }
        var text: [UInt8] = []
        crowd.encoder.push(
            "message:send", payload.bytes, ref: .text("m\(ref)"),
            joinRef: crowd.joinRef(seat.topic), topic: courseName(seat.course), into: &text)
        crowd.fleet.send(text, from: seat.client)
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
        owner?.messageAcknowledged(at: now)
    }

    /// Temporary refusals are sent again, under the same client id.
    private func refuse(_ ref: Int, _ message: Unacknowledged, _ answer: JSONValue) {
        let name = answer["reason"]?.string ?? "refused"
        guard let code = answer["code"]?.integer, code >= Crowd.firstTemporaryCode else {
            refusals[name, default: 0] += 1
            forget(ref, message)
            return
        }
        retries[name, default: 0] += 1
        let wait = answer["retry_after_ms"]?.integer ?? 100
        loop.schedule(after: .milliseconds(max(1, wait))) { [weak self] in
            guard let self, !isOver, seats[message.seat].client.stage == .joined else { return }
            transmit(ref)
        }
    }

    private func forget(_ ref: Int, _ message: Unacknowledged) {
        unacknowledged[ref] = nil
        seats[message.seat].waiting.remove(ref)
    }
}

// Coming and going.
extension Courses: CrowdOwner {
    /// The position of a seat that was there before, as phoenix.js evaluates it at each rejoin.
    private func joinPayload(_ client: Client, _ topic: Int) -> [UInt8] {
        guard let ledger = seats[seatsOfClient[client.index][topic]].ledger else {
            return Array("{}".utf8)
        }
        return Array(#"{"position":"\#(epoch)-\#(ledger.last)"}"#.utf8)
    }

    /// The stream has to begin behind the head at which the first join took effect.
    func clientJoined(_ client: Client, topic: Int, response: JSONValue) {
        let seat = seatsOfClient[client.index][topic]
        guard let position = response["position"]?.string,
            let dash = position.lastIndex(of: "-"),
            let head = Int64(position[position.index(after: dash)...])
        else {
            refusals["a join was answered without a position", default: 0] += 1
            return
        }
        let course = seats[seat].course
        heads[course] = max(heads[course], head)
        guard seats[seat].ledger != nil else {
            epoch = String(position[..<dash])
            seats[seat].ledger = SequenceLedger(first: head + 1)
            return
        }
        verdicts[response["resume"]?.string ?? "missing", default: 0] += 1
    }

    func clientSettled(_ client: Client) {
        if client.stage == .joined {
            for seat in seatsOfClient[client.index] {
                for ref in seats[seat].waiting.sorted() {
                    resent += 1
                    transmit(ref)
                }
            }
        }
        owner?.clientSettled(client)
    }

    func clientLeft(_ client: Client) {
        owner?.clientLeft(client)
    }

    func crowdIsReady() {
        owner?.coursesAreReady()
    }

    func clientReceived(_ client: Client, _ text: [UInt8], at now: Int64) {
        if let mark = finder.find(in: text.span), mark.stream < plan.rooms {
            delivered(mark, text, to: client, at: now)
            return
        }
        let event = EventName.find(in: text.span)
        switch event {
        case "phx_reply": answered(text, at: now)
        case "gap": lateGaps += 1
        default: owner?.eventReceived(client, event, text, at: now)
        }
    }

    private func answered(_ text: [UInt8], at now: Int64) {
        guard let envelope = crowd.decode(text),
            case .reply(let status, let response) = envelope.payload,
            case .text(let name)? = envelope.ref, name.hasPrefix("m"),
            let ref = Int(name.dropFirst()), let message = unacknowledged[ref]
        else { return }
        let answer = crowd.parse(response)
        switch status {
        case .ok:
            forget(ref, message)
            acknowledge(message, answer, at: now)
        case .error: refuse(ref, message, answer)
        }
    }

    /// Cost: a search among the seats of one client, no parsing.
    private func delivered(_ mark: Mark, _ text: [UInt8], to client: Client, at now: Int64) {
        deliveries += 1
        deliveryLatency.record(now - mark.dueNanoseconds)
        timeline.record(now - mark.dueNanoseconds, at: now)
        guard let seq = Digits.after(Courses.seqLabel, in: text.span),
            let seat = seatsOfClient[client.index].first(where: { seats[$0].course == mark.stream })
        else {
            refusals["a message came without seq or to a stranger", default: 0] += 1
            return
        }
        seats[seat].ledger?.receive(seq)
        heads[mark.stream] = max(heads[mark.stream], seq)
    }
}
