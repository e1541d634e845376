import Basics
import PubSub
import Testing

@testable import Resume

@Suite("Group commit")
struct GroupCommitTests {
    private var writer = GroupCommit()

    private func ticket(_ number: UInt64) -> GroupCommit.Ticket { .init(number: number) }

    private func stored(_ seq: Int64) -> AppendVerdict {
        .stored(
            Receipt(
                seq: seq, ordinal: seq, createdAt: Timestamp(microseconds: 0), isRepeat: false))
    }

    @Test
    mutating func `a lone draft goes at once, and what comes meanwhile goes together`() {
        let first = writer.submit(draft("a"), ticket: ticket(1), at: at(0))
        #expect(first == .send([draft("a")]))
        let second = writer.submit(draft("b"), ticket: ticket(2), at: at(1))
        let third = writer.submit(draft("c"), ticket: ticket(3), at: at(1))
        #expect(second == .gathering)
        #expect(third == .gathering)
        let completion = writer.completed(.success([stored(1)]), at: at(2))
        #expect(completion.answers == [.init(ticket: ticket(1), result: .success(stored(1)))])
        #expect(completion.next == [draft("b"), draft("c")])
        let last = writer.completed(.success([stored(2), .conflict]), at: at(3))
        #expect(last.answers.map(\.ticket) == [ticket(2), ticket(3)])
        #expect(last.answers.last?.result == .success(.conflict))
        #expect(last.next == nil)
    }

    @Test
    mutating func `what waits can be given up, the batch in flight cannot`() {
        _ = writer.submit(draft("a"), ticket: ticket(1), at: at(0))
        _ = writer.submit(draft("b"), ticket: ticket(2), at: at(0))
        let given = writer.giveUpWaiting()
        #expect(given == [.init(ticket: ticket(2), result: .failure(.unavailable))])
        let isCommitting = writer.isCommitting
        #expect(isCommitting)
        let completion = writer.completed(.success([stored(1)]), at: at(1))
        #expect(completion.answers == [.init(ticket: ticket(1), result: .success(stored(1)))])
        #expect(completion.next == nil)
        let isIdle = !writer.isCommitting
        #expect(isIdle)
    }

    @Test
    mutating func `two drafts with one key may share a batch`() {
        _ = writer.submit(draft("a"), ticket: ticket(1), at: at(0))
        _ = writer.submit(draft("b"), ticket: ticket(2), at: at(0))
        _ = writer.submit(draft("b"), ticket: ticket(3), at: at(0))
        let completion = writer.completed(.success([stored(1)]), at: at(1))
        #expect(completion.next == [draft("b"), draft("b")])
    }

    @Test
    mutating func `a batch has at most 500 drafts`() {
        _ = writer.submit(draft("first"), ticket: ticket(0), at: at(0))
        for number in 1...501 as ClosedRange<UInt64> {
            _ = writer.submit(draft("\(number)"), ticket: ticket(number), at: at(0))
        }
        let full = writer.completed(.success([stored(1)]), at: at(1)).next
        #expect(full?.count == 500)
        let verdicts = (2...501).map { stored(Int64($0)) }
        let rest = writer.completed(.success(verdicts), at: at(2)).next
        #expect(rest == [draft("501")])
    }

    @Test
    mutating func `a batch has at most 1 MiB of bodies, and a larger draft goes alone`() {
        let half = 1 << 19
        _ = writer.submit(draft("first"), ticket: ticket(0), at: at(0))
        for (number, bytes) in [(1, half), (2, half), (3, 1), (4, 4 * half), (5, 1)] {
            _ = writer.submit(
                draft("\(number)", bytes: bytes), ticket: ticket(UInt64(number)), at: at(0))
        }
        var batches: [[String]] = []
        var next = writer.completed(.success([stored(1)]), at: at(1)).next
        while let batch = next {
            batches.append(batch.map(\.clientID))
            next = writer.completed(.success(batch.map { _ in stored(2) }), at: at(2)).next
        }
        #expect(batches == [["1", "2"], ["3"], ["4"], ["5"]])
    }

    @Test
    func `a full queue answers busy and takes again when it has drained`() {
        var limits = GroupCommit.Limits()
        limits.waitingDrafts = 2
        var writer = GroupCommit(limits: limits)
        _ = writer.submit(draft("a"), ticket: ticket(1), at: at(0))
        _ = writer.submit(draft("b"), ticket: ticket(2), at: at(0))
        let last = writer.submit(draft("c"), ticket: ticket(3), at: at(0))
        let beyond = writer.submit(draft("d"), ticket: ticket(4), at: at(0))
        #expect(last == .gathering)
        #expect(beyond == .busy(retryAfter: .milliseconds(50)))
        _ = writer.completed(.success([stored(1)]), at: at(400))
        let again = writer.submit(draft("d"), ticket: ticket(4), at: at(400))
        #expect(again == .gathering)
    }

    @Test
    func `waiting bodies are bounded too`() {
        var limits = GroupCommit.Limits()
        limits.waitingBytes = 10
        var writer = GroupCommit(limits: limits)
        _ = writer.submit(draft("a", bytes: 100), ticket: ticket(1), at: at(0))
        let full = writer.submit(draft("b", bytes: 10), ticket: ticket(2), at: at(0))
        let beyond = writer.submit(draft("c", bytes: 1), ticket: ticket(3), at: at(0))
        #expect(full == .gathering)
        #expect(beyond == .busy(retryAfter: .milliseconds(50)))
        _ = writer.completed(.success([stored(1)]), at: at(1))
        let drained = writer.submit(draft("c", bytes: 10), ticket: ticket(3), at: at(1))
        #expect(drained == .gathering)
    }

    @Test
    func `a slow log makes busy senders wait longer, 5 seconds at most`() {
        var limits = GroupCommit.Limits()
        limits.waitingDrafts = 0
        var writer = GroupCommit(limits: limits)
        _ = writer.submit(draft("a"), ticket: ticket(1), at: at(0))
        _ = writer.completed(.success([stored(1)]), at: at(2_000))
        _ = writer.submit(draft("b"), ticket: ticket(2), at: at(2_000))
        let slow = writer.submit(draft("c"), ticket: ticket(3), at: at(2_000))
        #expect(slow == .busy(retryAfter: .seconds(1)))
        _ = writer.completed(.success([stored(2)]), at: at(60_000))
        _ = writer.submit(draft("d"), ticket: ticket(4), at: at(60_000))
        let slowest = writer.submit(draft("e"), ticket: ticket(5), at: at(60_000))
        #expect(slowest == .busy(retryAfter: .seconds(5)))
    }

    @Test
    mutating func `a rejected batch is cut until only the bad row fails`() {
        _ = writer.submit(draft("first"), ticket: ticket(0), at: at(0))
        for (number, name) in ["a", "bad", "c", "d"].enumerated() {
            _ = writer.submit(draft(name), ticket: ticket(UInt64(number + 1)), at: at(0))
        }
        var answers: [GroupCommit.Answer] = []
        var batches: [[String]] = []
        var completion = writer.completed(.success([stored(1)]), at: at(1))
        while let batch = completion.next {
            batches.append(batch.map(\.clientID))
            let isBad = batch.contains { $0.clientID == "bad" }
            completion = writer.completed(
                isBad ? .failure(.rejected("no")) : .success(batch.map { _ in stored(2) }),
                at: at(2))
            answers += completion.answers
        }
        #expect(batches == [["a", "bad", "c", "d"], ["a", "bad"], ["a"], ["bad"], ["c", "d"]])
        #expect(answers.map(\.ticket.number) == [1, 2, 3, 4])
        #expect(answers[1].result == .failure(.rejected("no")))
        #expect(answers.filter { $0.result == .success(stored(2)) }.count == 3)
    }

    @Test
    mutating func `an unavailable log answers for the whole batch and no other`() {
        _ = writer.submit(draft("a"), ticket: ticket(1), at: at(0))
        _ = writer.submit(draft("b"), ticket: ticket(2), at: at(0))
        let completion = writer.completed(.failure(.unavailable), at: at(1))
        #expect(completion.answers == [.init(ticket: ticket(1), result: .failure(.unavailable))])
        #expect(completion.next == [draft("b")])
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `every ticket is answered once and topics keep their order`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var limits = GroupCommit.Limits()
        limits.batchDrafts = 7
        limits.waitingDrafts = 30
        var writer = GroupCommit(limits: limits)
        let topics = ["a:1", "a:2", "a:3"].compactMap { TopicName($0) }
        var log: [EntryDraft] = []
        var inFlight: [EntryDraft]?
        var open: Set<UInt64> = []
        var submitted: [TopicName: [String]] = [:]
        var number: UInt64 = 0
        while number < 150 || inFlight != nil {
            let now = at(Int64(number))
            if number < 150, inFlight == nil || Int.random(in: 0..<6, using: &random) > 0 {
                let topic = topics.randomElement(using: &random) ?? algebra
                let isBad = Int.random(in: 0..<12, using: &random) == 0
                let next = draft((isBad ? "bad" : "ok") + "\(number)", in: topic)
                switch writer.submit(next, ticket: ticket(number), at: now) {
                case .busy: break
                case .gathering:
                    open.insert(number)
                    submitted[topic, default: []].append(next.clientID)
                case .send(let batch):
                    open.insert(number)
                    submitted[topic, default: []].append(next.clientID)
                    let wasIdle = inFlight == nil
                    #expect(wasIdle, "seed \(seed)")
                    inFlight = batch
                }
                number += 1
            } else if let batch = inFlight {
                let result: Result<[AppendVerdict], StorageError>
                if Int.random(in: 0..<8, using: &random) == 0 {
                    result = .failure(.unavailable)
                } else if batch.contains(where: { $0.clientID.hasPrefix("bad") }) {
                    result = .failure(.rejected("bad"))
                } else {
                    log += batch
                    result = .success(batch.map { _ in stored(Int64(log.count)) })
                }
                let completion = writer.completed(result, at: now)
                for answer in completion.answers {
                    let wasOpen = open.remove(answer.ticket.number) != nil
                    #expect(wasOpen, "seed \(seed)")
                }
                inFlight = completion.next
            }
        }
        #expect(open.isEmpty, "seed \(seed)")
        for topic in topics {
            let order = submitted[topic, default: []]
            let places = log.filter { $0.topic == topic }
                .compactMap { order.firstIndex(of: $0.clientID) }
            #expect(places == places.sorted(), "seed \(seed)")
        }
        #expect(!log.contains { $0.clientID.hasPrefix("bad") }, "seed \(seed)")
    }
}
