import Basics
import EventLoop
import PubSub
import Resume
import TestSupport
import Testing

/// The promises of ``MessageLog``, for every implementation.
@Suite(.serialized) struct LogContractTests {
    private let course = named("course:1")
    private let other = named("course:2")

    @Test(arguments: Implementation.allCases)
    func `a topic's entries are numbered from 1 without a gap`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let first = try world.append(
                [post("a", in: course), post("b", in: other), post("c", in: course)], to: storage)
            let second = try world.append(
                [post("d", in: other), post("e", in: course)], to: storage)
            let seqs = (first + second).map { $0.receipt?.seq }
            #expect(seqs == [1, 1, 2, 2, 3])
            let ordinals = (first + second).map { $0.receipt?.ordinal }
            #expect(ordinals == [1, 1, 2, 2, 3])
            let heads = try world.heads(of: [other, course], in: storage)
            #expect(heads == [Head(seq: 2, ordinal: 2), Head(seq: 3, ordinal: 3)])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `an entry is read as it was written`(implementation: Implementation) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            // What jsonb would change: spaces, key order, spelling of numbers, escapes.
            let body = #"{"b" : 1.00, "a":"\u00e9 é \u0000", "b":2}"#
            let verdicts = try world.append(
                [post("clé", in: course, by: "ana maria", saying: body)], to: storage)
            let entries = try world.entries(of: course, in: storage)
            let receipt = try #require(verdicts[0].receipt)
            let expected = Entry(
                seq: 1, ordinal: 1, kind: .post, sender: "ana maria", clientID: "clé",
                body: Array(body.utf8), createdAt: receipt.createdAt)
            #expect(entries == [expected])
            let age = receipt.createdAt.microseconds - world.loop.wallClock.microseconds
            #expect(abs(age) < 60_000_000)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a topic in which nothing was said is empty`(implementation: Implementation) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let head = try world.head(of: course, in: storage)
            #expect(head == .empty)
            let entries = try world.entries(of: course, in: storage)
            #expect(entries == [])
            let newest = try world.entries(of: course, before: .max, limit: 5, in: storage)
            #expect(newest == [])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a retry gets the first answer and stores nothing`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let draft = post("a", in: course)
            let first = try world.append([draft, post("b", in: course)], to: storage)
            let again = try world.append([post("c", in: course), draft], to: storage)
            let receipt = try #require(first[0].receipt)
            #expect(!receipt.isRepeat)
            let repeated = try #require(again[1].receipt)
            #expect(repeated.isRepeat)
            #expect(repeated.seq == receipt.seq)
            #expect(repeated.ordinal == receipt.ordinal)
            #expect(repeated.createdAt == receipt.createdAt)
            #expect(again[0].receipt?.seq == 3)
            let head = try world.head(of: course, in: storage)
            #expect(head.seq == 3)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `the same client id with another body is a conflict`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            _ = try world.append([post("a", in: course, saying: "{}")], to: storage)
            let verdicts = try world.append(
                [post("a", in: course, saying: "{ }"), post("b", in: course)], to: storage)
            #expect(verdicts[0] == .conflict)
            #expect(verdicts[1].receipt?.seq == 2)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a retry repeats what the sender chose, and not what was added to it`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            func said(_ text: String, as name: String) -> EntryDraft {
                EntryDraft(
                    topic: course, kind: .post, sender: "ana", clientID: "a",
                    body: Array("{\"text\":\"\(text)\",\"name\":\"\(name)\"}".utf8),
                    said: Array(text.utf8))
            }
            let first = try world.append([said("hi", as: "Ana")], to: storage)
            let renamed = try world.append([said("hi", as: "Anna")], to: storage)
            let changed = try world.append([said("ho", as: "Ana")], to: storage)
            #expect(renamed[0].receipt?.seq == first[0].receipt?.seq)
            #expect(renamed[0].receipt?.isRepeat == true)
            #expect(changed[0] == .conflict)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `repeats and conflicts within one batch are found`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let verdicts = try world.append(
                [
                    post("a", in: course), post("a", in: course), post("b", in: course),
                    post("a", in: course, saying: "[]"), post("b", in: course),
                ], to: storage)
            let seqs = verdicts.map { $0.receipt?.seq }
            #expect(seqs == [1, 1, 2, nil, 2])
            let repeats = verdicts.map { $0.receipt?.isRepeat }
            #expect(repeats == [false, true, false, nil, true])
            let head = try world.head(of: course, in: storage)
            #expect(head == Head(seq: 2, ordinal: 2))
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a client id belongs to one sender and one topic`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let verdicts = try world.append(
                [
                    post("a", in: course, by: "ana"), post("a", in: course, by: "ben"),
                    post("a", in: other, by: "ana"), post("", in: course, by: "ana").with("a2"),
                ], to: storage)
            let seqs = verdicts.map { $0.receipt?.seq }
            #expect(seqs == [1, 2, 1, 3])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `names that differ only by Unicode normalisation are two names`(
        implementation: Implementation
    ) throws {
        let composed = "caf\u{E9}"
        let decomposed = "cafe\u{301}"
        try #require(composed == decomposed)
        try withWorld(implementation) { world in
            let storage = world.open()
            let topics = [named("course:\(composed)"), named("course:\(decomposed)")]
            let verdicts = try world.append(
                [
                    post("a", in: topics[0]), post("a", in: topics[1]),
                    post(composed, in: topics[1]), post(decomposed, in: topics[1]),
                ], to: storage)
            let seqs = verdicts.map { $0.receipt?.seq }
            #expect(seqs == [1, 1, 2, 3])
            let heads = try world.heads(of: topics, in: storage)
            #expect(heads.map(\.seq) == [1, 3])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `what the database cannot hold is rejected with its whole batch`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let good = post("a", in: course)
            let bad = [
                post("b", in: course).saying([0x7B, 0x00, 0x7D]),
                post("b", in: course).saying([0x22, 0xC3, 0x28, 0x22]),
                post("b", in: course, by: "a\u{0}b"),
                post("b\u{0}", in: course),
                post("", in: course),
                post(String(repeating: "x", count: 65), in: course),
            ]
            for draft in bad {
                let result = world.loop.wait {
                    storage.log.append([good, draft], completion: $0)
                }
                guard case .failure(.rejected) = result else {
                    Issue.record("\(draft) was answered with \(result)")
                    continue
                }
            }
            let head = try world.head(of: course, in: storage)
            #expect(head == .empty)
            let longest = post(String(repeating: "x", count: 64), in: course)
            let verdicts = try world.append([good, longest], to: storage)
            #expect(verdicts.map { $0.receipt?.seq } == [1, 2])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a batch of 500 over many topics is answered in its own order`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            let batch = (0..<500).map { number in
                post("\(number)", in: named("course:\(number % 37)"))
            }
            let verdicts = try world.append(batch, to: storage)
            let seqs: [Int64?] = verdicts.map { $0.receipt?.seq }
            let expected: [Int64?] = (0..<500).map { number in Int64(number / 37 + 1) }
            #expect(seqs == expected)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `pages are ascending and keep to their bounds`(implementation: Implementation) throws {
        try withWorld(implementation) { world in
            let storage = world.open()
            _ = try world.append((1...10).map { post("\($0)", in: course) }, to: storage)
            let middle = try world.entries(of: course, seqs: 3...8, limit: 4, in: storage)
            #expect(middle.map(\.seq) == [3, 4, 5, 6])
            let end = try world.entries(of: course, seqs: 9...100, in: storage)
            #expect(end.map(\.seq) == [9, 10])
            let beyond = try world.entries(of: course, seqs: 11...100, in: storage)
            #expect(beyond == [])
            let newest = try world.entries(of: course, before: .max, limit: 3, in: storage)
            #expect(newest.map(\.seq) == [8, 9, 10])
            let earlier = try world.entries(of: course, before: 3, limit: 5, in: storage)
            #expect(earlier.map(\.seq) == [1, 2])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `what one server was told is stored, another one sees`(
        implementation: Implementation
    ) throws {
        try withWorld(implementation) { world in
            let here = world.open()
            let there = world.open()
            _ = try world.append([post("a", in: course)], to: here)
            let seen = try world.entries(of: course, in: there)
            #expect(seen.map(\.clientID) == ["a"])
            let repeated = try world.append([post("a", in: course)], to: there)
            #expect(repeated[0].receipt?.isRepeat == true)
        }
    }

    @Test(arguments: Implementation.allCases, [1, 2] as [UInt64])
    func `writers that share topics make no gap and store nothing twice`(
        implementation: Implementation, seed: UInt64
    ) throws {
        try withWorld(implementation) { world in
            let traffic = Traffic(world: world, writers: 3, seed: seed)
            traffic.run(batches: 60)
            try traffic.audit()
        }
    }
}

extension EntryDraft {
    fileprivate func with(_ clientID: String) -> EntryDraft {
        EntryDraft(topic: topic, kind: kind, sender: sender, clientID: clientID, body: body)
    }

    fileprivate func saying(_ body: [UInt8]) -> EntryDraft {
        EntryDraft(topic: topic, kind: kind, sender: sender, clientID: clientID, body: body)
    }
}
