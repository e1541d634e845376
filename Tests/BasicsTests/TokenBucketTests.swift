import Testing

@testable import Basics

@Suite("Token buckets")
struct TokenBucketTests {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test
    func `a connection may send 100 events at once and not one more`() {
        var bucket = TokenBucket()
        for _ in 0..<100 {
            let wait = bucket.take(under: .connectionEvents, at: at(0))
            #expect(wait == nil)
        }
        let beyond = bucket.take(under: .connectionEvents, at: at(0))
        #expect(beyond == .milliseconds(20))
    }

    @Test
    func `afterwards one more is allowed every 20 ms, and asking costs nothing`() {
        var bucket = TokenBucket()
        for _ in 0..<100 { _ = bucket.take(under: .connectionEvents, at: at(0)) }
        let early = bucket.take(under: .connectionEvents, at: at(19))
        let inTime = bucket.take(under: .connectionEvents, at: at(20))
        let again = bucket.take(under: .connectionEvents, at: at(20))
        #expect(early == .milliseconds(1))
        #expect(inTime == nil)
        #expect(again == .milliseconds(20))
    }

    @Test
    func `a person may post 60 times a minute`() {
        var bucket = TokenBucket()
        var accepted = 0
        for tenth in 0..<600 where bucket.take(under: .posts, at: at(Int64(tenth) * 100)) == nil {
            accepted += 1
        }
        // The burst of 60 and the 59 whole seconds behind the first moment.
        #expect(accepted == 60 + 59)
    }

    @Test
    func `a bucket is full again after its rest and not before`() {
        var bucket = TokenBucket()
        #expect(bucket.isFull(at: at(0)))
        _ = bucket.take(under: .posts, at: at(0))
        #expect(!bucket.isFull(at: at(999)))
        #expect(bucket.isFull(at: at(1_000)))
    }

    @Test
    func `time before the origin and a long rest are ordinary`() {
        var bucket = TokenBucket()
        let early = bucket.take(under: .posts, at: Instant(nanoseconds: -5_000_000_000))
        #expect(early == nil)
        var late = 0
        for _ in 0..<100 where bucket.take(under: .posts, at: at(1 << 40)) == nil { late += 1 }
        #expect(late == 60)
    }
}

extension RateLimit {
    /// 50 a second, 100 at once.
    fileprivate static let connectionEvents = RateLimit(interval: .milliseconds(20), burst: 100)
    /// 60 a minute, all at once if need be.
    fileprivate static let posts = RateLimit(interval: .seconds(1), burst: 60)
}
