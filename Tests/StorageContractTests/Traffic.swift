import Basics
import EventLoop
import PubSub
import Resume
import TestSupport
import Testing

/// Several writers that append random batches to shared topics, with retries of each other's
/// messages, repeats within a batch and conflicting bodies; and the audit of what they were told.
final class Traffic {
    private let world: World
    private let writers: [any StorageUnderTest]
    private let topics = (0..<5).map { named("course:\($0)") }
    private var random: Seeded
    private var sent: [EntryDraft] = []
    private var answers: [(draft: EntryDraft, verdict: AppendVerdict)] = []
    private var batchesLeft = 0
    private var mustGoOn: () -> Bool = { false }
    private var writersAtWork = 0

    init(world: World, writers: Int, seed: UInt64) {
        self.world = world
        self.writers = (0..<writers).map { _ in world.open() }
        random = Seeded(seed: seed)
    }

    /// Appends so many batches in all, and more as long as `mustGoOn` says so; returns when the
    /// last is answered.
    func run(batches: Int, while mustGoOn: @escaping () -> Bool = { false }) {
        batchesLeft = batches
        self.mustGoOn = mustGoOn
        writersAtWork = writers.count
        for writer in writers { next(on: writer) }
        world.loop.wait { self.writersAtWork == 0 }
    }

    private func next(on writer: any StorageUnderTest) {
        guard batchesLeft > 0 || mustGoOn() else {
            writersAtWork -= 1
            return
        }
        batchesLeft -= 1
        send(makeBatch(), on: writer)
    }

    private func send(_ batch: [EntryDraft], on writer: any StorageUnderTest) {
        writer.log.append(batch) { [self] result in
            switch result {
            case .success(let verdicts):
                answers += zip(batch, verdicts).map { ($0, $1) }
                next(on: writer)
            case .failure(.unavailable):
                // Nothing was stored. That is not tried again, so that the audit sees it if
                // something was.
                batchesLeft += 1
                world.loop.schedule(after: .milliseconds(5)) { self.next(on: writer) }
            case .failure(.rejected(let reason)):
                Issue.record("rejected: \(reason)")
                next(on: writer)
            }
        }
    }

    private func makeBatch() -> [EntryDraft] {
        var batch: [EntryDraft] = []
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            let draft: EntryDraft
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<2: draft = sent.randomElement(using: &random) ?? fresh()
            case 2: draft = batch.randomElement(using: &random) ?? fresh()
            case 3: draft = (sent.randomElement(using: &random) ?? fresh()).altered
            default: draft = fresh()
            }
            batch.append(draft)
            sent.append(draft)
        }
        return batch
    }

    private func fresh() -> EntryDraft {
        let topic = topics[Int.random(in: 0..<topics.count, using: &random)]
        return post("\(sent.count)-\(random.next())", in: topic, saying: "{\(sent.count)}")
    }

    /// Every answer must be what is stored, and what is stored must be 1, 2, 3 … once each.
    func audit() throws {
        let reader = world.open()
        var stored: [String: Entry] = [:]
        for topic in topics {
            let entries = try world.entries(of: topic, in: reader)
            let numbers = entries.map(\.seq)
            let expected = (0..<entries.count).map { Int64($0) + 1 }
            #expect(numbers == expected)
            #expect(entries.map(\.ordinal) == numbers)
            let head = try world.head(of: topic, in: reader)
            #expect(head.seq == numbers.last ?? 0)
            for entry in entries {
                let earlier = stored.updateValue(entry, forKey: "\(topic) \(entry.clientID)")
                #expect(earlier == nil, "stored twice: \(entry.clientID)")
            }
        }
        for (draft, verdict) in answers {
            let entry = try #require(stored["\(draft.topic) \(draft.clientID)"])
            switch verdict {
            case .conflict: #expect(entry.body != draft.body)
            case .stored(let receipt):
                #expect(entry.body == draft.body)
                #expect(entry.seq == receipt.seq)
                #expect(entry.ordinal == receipt.ordinal)
                #expect(entry.createdAt == receipt.createdAt)
            }
        }
        let told = Set(answers.map { "\($0.draft.topic) \($0.draft.clientID)" })
        #expect(told == Set(stored.keys), "stored and never answered, or the reverse")
    }
}

extension EntryDraft {
    /// The same message's key with another content.
    fileprivate var altered: EntryDraft {
        EntryDraft(
            topic: topic, kind: kind, sender: sender, clientID: clientID, body: body + [0x20])
    }
}
