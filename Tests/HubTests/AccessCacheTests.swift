import Basics
import PubSub
import RoomContract
import Testing

@testable import Hub

/// Each transition of the cache, and what does not lead on.
@Suite struct AccessCacheTests {
    private let now = Timestamp(secondsSince1970: 100)
    private let ana = query("ana", "course:1")
    private let facts = AccessFacts(
        role: .student, name: "Ana", topicExists: true, validUntil: nil)

    private static func query(_ person: String, _ topic: String) -> AccessQuery {
        AccessQuery(person: person, topic: name(topic))
    }

    @Test func `unknown facts are wanted once, however often they are asked for`() {
        var cache = AccessCache()
        let first = cache.facts(for: ana, at: now)
        let second = cache.facts(for: ana, at: now)
        let batch = cache.takeBatch()
        let rest = cache.takeBatch()
        #expect(first == nil)
        #expect(second == nil)
        #expect(batch == [ana])
        #expect(rest.isEmpty)
    }

    @Test func `facts being loaded are not wanted again`() {
        var cache = AccessCache()
        _ = cache.facts(for: ana, at: now)
        _ = cache.takeBatch()
        let meanwhile = cache.facts(for: ana, at: now)
        let batch = cache.takeBatch()
        #expect(meanwhile == nil)
        #expect(batch.isEmpty)
    }

    @Test func `loaded facts are known`() {
        var cache = loaded(facts)
        let known = cache.facts(for: ana, at: now)
        #expect(known == facts)
    }

    @Test func `an invalidation forgets what is known`() {
        var cache = loaded(facts)
        cache.invalidate(AccessChange(person: "ana", topic: name("course:1")))
        let known = cache.facts(for: ana, at: now)
        let batch = cache.takeBatch()
        #expect(known == nil)
        #expect(batch == [ana])
    }

    @Test func `an answer whose question was invalidated on its way is asked again`() {
        var cache = AccessCache()
        _ = cache.facts(for: ana, at: now)
        let batch = cache.takeBatch()
        cache.invalidate(AccessChange(person: "ana", topic: name("course:1")))
        let answered = cache.loaded(batch, [facts], at: now)
        let known = cache.facts(for: ana, at: now)
        let again = cache.takeBatch()
        #expect(answered.isEmpty)
        #expect(known == nil)
        #expect(again == [ana])
    }

    @Test func `an invalidation of what is only wanted changes nothing`() {
        var cache = AccessCache()
        _ = cache.facts(for: ana, at: now)
        cache.invalidate(AccessChange(person: nil, topic: nil))
        let batch = cache.takeBatch()
        let answered = cache.loaded(batch, [facts], at: now)
        #expect(answered == [ana])
    }

    @Test func `a failed question is forgotten, and wanted when asked for again`() {
        var cache = AccessCache()
        _ = cache.facts(for: ana, at: now)
        let batch = cache.takeBatch()
        cache.failed(batch)
        let idle = cache.takeBatch()
        _ = cache.facts(for: ana, at: now)
        let again = cache.takeBatch()
        #expect(idle.isEmpty)
        #expect(again == [ana])
    }

    @Test func `facts hold until their end, and no longer`() {
        let end = now.advanced(by: .seconds(10))
        var cache = loaded(
            AccessFacts(role: .student, name: nil, topicExists: true, validUntil: end))
        let before = cache.facts(for: ana, at: Timestamp(microseconds: end.microseconds - 1))
        let at = cache.facts(for: ana, at: end)
        let batch = cache.takeBatch()
        #expect(before != nil)
        #expect(at == nil)
        #expect(batch == [ana])
    }

    @Test func `an answer that is over by our clock is believed for a second`() {
        // The database's clock is behind: it still says that the facts hold.
        let end = now.advanced(by: .seconds(-5))
        var cache = loaded(
            AccessFacts(role: .student, name: nil, topicExists: true, validUntil: end))
        let within = now.advanced(by: AccessCache.shortest)
        let before = cache.facts(
            for: ana, at: Timestamp(microseconds: within.microseconds - 1))
        let at = cache.facts(for: ana, at: within)
        #expect(before != nil)
        #expect(at == nil)
    }

    @Test(
        arguments: [
            (AccessChange(person: "ana", topic: nil), ["ben course:1"]),
            (AccessChange(person: nil, topic: name("course:1")), ["ana course:2"]),
            (AccessChange(person: nil, topic: nil), []),
            (
                AccessChange(person: "cid", topic: nil),
                ["ana course:1", "ana course:2", "ben course:1"]
            ),
        ]) func `a change forgets whom it touches, and nobody else`(
            change: AccessChange, left: [String]
        )
    {
        let queries = [ana, Self.query("ana", "course:2"), Self.query("ben", "course:1")]
        var cache = AccessCache()
        for query in queries { _ = cache.facts(for: query, at: now) }
        let batch = cache.takeBatch()
        _ = cache.loaded(batch, batch.map { _ in facts }, at: now)
        cache.invalidate(change)
        let known = queries.filter { cache.facts(for: $0, at: now) != nil }
        #expect(known.map { "\($0.person) \($0.topic)" }.sorted() == left)
    }

    @Test func `a batch has at most a thousand questions`() {
        var cache = AccessCache()
        for number in 0...AccessCache.maximumBatch {
            _ = cache.facts(for: Self.query("p\(number)", "course:1"), at: now)
        }
        let first = cache.takeBatch()
        let second = cache.takeBatch()
        #expect(first.count == AccessCache.maximumBatch)
        #expect(second.count == 1)
    }

    @Test(arguments: [(0, true), (1, false)]) func `beyond the limit what is known is forgotten`(
        excess: Int, isKept: Bool
    ) {
        var cache = AccessCache()
        var first: AccessQuery?
        for number in 0..<AccessCache.maximumKnown + excess {
            let query = Self.query("p\(number)", "course:1")
            first = first ?? query
            _ = cache.facts(for: query, at: now)
            if number % 1_000 == 999 || number >= AccessCache.maximumKnown {
                let batch = cache.takeBatch()
                _ = cache.loaded(batch, batch.map { _ in facts }, at: now)
            }
        }
        let kept = first.flatMap { cache.facts(for: $0, at: now) } != nil
        #expect(kept == isKept)
    }

    private func loaded(_ facts: AccessFacts) -> AccessCache {
        var cache = AccessCache()
        _ = cache.facts(for: ana, at: now)
        let batch = cache.takeBatch()
        _ = cache.loaded(batch, [facts], at: now)
        return cache
    }
}
