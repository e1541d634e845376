import Basics
import MemoryStorage
import PubSub
import Resume
import Testing

/// What a simulation can do to the storage in memory.
@Suite struct MemoryStorageTests {
    private let course = named("course:1")

    @Test func `work is committed before its answer arrives`() {
        let turns = Turns()
        let (database, storage) = storage(on: turns)
        let observer = MemoryStorage(database: database)
        var answer: Result<[AppendVerdict], StorageError>?
        storage.append([post("a", in: course)]) { answer = $0 }
        #expect(seq(in: observer) == 0)
        turns.runOldest()
        #expect(seq(in: observer) == 1)
        #expect(answer == nil)
        turns.runOldest()
        #expect(answer != nil)
    }

    @Test func `answers keep the order of requests, whatever order the turns come in`() {
        let turns = Turns()
        let (_, storage) = storage(on: turns)
        var seqs: [Int64?] = []
        for name in ["a", "b", "c"] {
            storage.append([post(name, in: course)]) { result in
                if case .success(let verdicts) = result { seqs.append(verdicts[0].receipt?.seq) }
            }
        }
        while turns.runNewest() {}
        #expect(seqs == [1, 2, 3])
    }

    @Test func `while the link is down nothing is stored and everything says so`() {
        let (database, storage) = storage(on: nil)
        let observer = MemoryStorage(database: database)
        storage.link.isUp = false
        var answer: Result<[AppendVerdict], StorageError>?
        storage.append([post("a", in: course)]) { answer = $0 }
        #expect(answer == .failure(.unavailable))
        #expect(seq(in: observer) == 0)
        storage.link.isUp = true
        storage.append([post("a", in: course)]) { answer = $0 }
        #expect(seq(in: observer) == 1)
    }

    @Test func `the death of a server takes its requests and answers along`() {
        let turns = Turns()
        let (database, storage) = storage(on: turns)
        let observer = MemoryStorage(database: database)
        var answers = 0
        storage.append([post("a", in: course)]) { _ in answers += 1 }
        turns.runOldest()
        storage.append([post("b", in: course)]) { _ in answers += 1 }
        storage.link.close()
        while turns.runNewest() {}
        #expect(answers == 0)
        #expect(seq(in: observer) == 1)
    }

    @Test func `changes that failed to arrive arrive with the next poll`() {
        let (database, storage) = storage(on: nil)
        storage.link.isUp = false
        database.addCourse("1")
        var heard: [Int] = []
        storage.pollAccessChanges { result in
            if case .success(let changes) = result { heard.append(changes.count) }
        }
        storage.link.isUp = true
        for _ in 0..<2 {
            storage.pollAccessChanges { result in
                if case .success(let changes) = result { heard.append(changes.count) }
            }
        }
        #expect(heard == [1, 0])
    }

    private func storage(on turns: Turns?) -> (MemoryDatabase, MemoryStorage) {
        guard let epoch = Epoch("a") else { fatalError("a valid epoch") }
        let database = MemoryDatabase(epoch: epoch) { Timestamp(microseconds: 0) }
        let link = turns.map { turns in MemoryLink { turns.waiting.append($0) } }
        return (database, MemoryStorage(database: database, link: link ?? MemoryLink()))
    }

    private func seq(in storage: MemoryStorage) -> Int64? {
        var seq: Int64?
        storage.heads(of: [course]) { result in
            if case .success(let heads) = result { seq = heads[0].seq }
        }
        return seq
    }
}

/// Turns that the test takes one by one.
private final class Turns {
    var waiting: [() -> Void] = []

    func runOldest() {
        waiting.removeFirst()()
    }

    /// False when none is left.
    func runNewest() -> Bool {
        guard let newest = waiting.popLast() else { return false }
        newest()
        return true
    }
}
