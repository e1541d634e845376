import Basics
import Testing

@testable import Presence

@Suite("The presence of a topic")
struct PresenceMapTests {
    private var map = PresenceMap(generation: 7)
    private let phone = PresenceMember(number: 1)
    private let laptop = PresenceMember(number: 2)
    private let back = PresenceMember(number: 3)

    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    private func state(_ number: Int) throws -> PresenceState {
        try PresenceState(Array("{\"n\":\(number)}".utf8))
    }

    private func refs(_ groups: [PresenceGroup]?) -> [String: [String]] {
        Dictionary(
            uniqueKeysWithValues: (groups ?? []).map { ($0.key, $0.metas.map(\.ref)) })
    }

    @Test
    mutating func `a person on two devices is one key with two metas`() throws {
        try map.track(key: "ana", member: phone, state: try state(1))
        try map.track(key: "ana", member: laptop, state: try state(2))
        #expect(map.count == 1)
        #expect(map.metaCount == 2)
        let diff = map.takeDiff()
        #expect(refs(diff?.joins) == ["ana": ["7.1", "7.2"]])
        #expect(diff?.leaves == [])
        #expect(refs(map.snapshot()) == ["ana": ["7.1", "7.2"]])
        #expect(map.takeDiff() == nil)
    }

    @Test
    mutating func `the same state again is nothing new`() throws {
        try map.track(key: "ana", member: phone, state: try state(1))
        _ = map.takeDiff()
        try map.track(key: "ana", member: phone, state: try state(1))
        #expect(!map.hasDiff)
    }

    @Test
    mutating func `another state is a join that follows a leave`() throws {
        try map.track(key: "ana", member: phone, state: try state(1))
        _ = map.takeDiff()
        try map.track(key: "ana", member: phone, state: try state(2))
        let diff = map.takeDiff()
        let new = PresenceMeta(ref: "7.2", previousRef: "7.1", state: try state(2))
        let old = PresenceMeta(ref: "7.1", previousRef: nil, state: try state(1))
        #expect(diff?.joins == [PresenceGroup(key: "ana", metas: [new])])
        #expect(diff?.leaves == [PresenceGroup(key: "ana", metas: [old])])
    }

    @Test
    mutating func `updates within one diff show only the last, behind what others know`() throws {
        try map.track(key: "ana", member: phone, state: try state(1))
        _ = map.takeDiff()
        try map.track(key: "ana", member: phone, state: try state(2))
        try map.track(key: "ana", member: phone, state: try state(3))
        let diff = map.takeDiff()
        #expect(refs(diff?.joins) == ["ana": ["7.3"]])
        #expect(diff?.joins.first?.metas.first?.previousRef == "7.1")
        #expect(refs(diff?.leaves) == ["ana": ["7.1"]])
    }

    @Test
    mutating func `who comes and goes within one diff was never there`() throws {
        try map.track(key: "ana", member: phone, state: .empty)
        map.leave(phone)
        #expect(map.takeDiff() == nil)
        #expect(map.count == 0)
    }

    @Test
    mutating func `leaving is told at once, and twice is once`() throws {
        try map.track(key: "ana", member: phone, state: .empty)
        _ = map.takeDiff()
        map.leave(phone)
        map.leave(phone)
        let diff = map.takeDiff()
        #expect(refs(diff?.leaves) == ["ana": ["7.1"]])
        #expect(map.snapshot().isEmpty)
    }

    @Test
    mutating func `a lost connection is missed after 30 seconds and not before`() throws {
        try map.track(key: "ana", member: phone, state: .empty)
        _ = map.takeDiff()
        map.lost(phone, at: at(0))
        #expect(map.nextDeadline == at(30_000))
        map.expire(at: at(29_999))
        #expect(!map.hasDiff)
        #expect(map.count == 1)
        map.expire(at: at(30_000))
        #expect(refs(map.takeDiff()?.leaves) == ["ana": ["7.1"]])
        #expect(map.nextDeadline == nil)
        let cameBack = map.resumed(phone)
        #expect(!cameBack)
    }

    @Test
    mutating func `a session that resumes within the grace is not noticed`() throws {
        try map.track(key: "ana", member: phone, state: .empty)
        _ = map.takeDiff()
        map.lost(phone, at: at(0))
        let cameBack = map.resumed(phone)
        #expect(cameBack)
        map.expire(at: at(60_000))
        #expect(!map.hasDiff)
        #expect(map.count == 1)
    }

    @Test
    mutating func `who leaves while lost is waited for no longer`() throws {
        try map.track(key: "ana", member: phone, state: .empty)
        map.lost(phone, at: at(0))
        map.leave(phone)
        #expect(map.nextDeadline == nil)
        #expect(!map.hasDiff)
    }

    @Test
    mutating func `a connection that flickers leaves nothing behind`() throws {
        try map.track(key: "ana", member: phone, state: .empty)
        for moment in 0..<10_000 as Range<Int64> {
            map.lost(phone, at: at(moment))
            _ = map.resumed(phone)
        }
        map.lost(phone, at: at(10_000))
        map.expire(at: at(10_000))
        #expect(map.nextDeadline == at(40_000))
        #expect(map.count == 1)
    }

    @Test
    mutating func `lost a second time, the grace begins anew`() throws {
        try map.track(key: "ana", member: phone, state: .empty)
        _ = map.takeDiff()
        map.lost(phone, at: at(0))
        _ = map.resumed(phone)
        map.lost(phone, at: at(10_000))
        map.lost(phone, at: at(20_000))
        map.expire(at: at(39_999))
        #expect(map.count == 1)
        map.expire(at: at(40_000))
        #expect(map.count == 0)
    }

    @Test
    mutating func `a new member takes the place of a lost one silently`() throws {
        try map.track(key: "ana", member: phone, state: try state(1))
        _ = map.takeDiff()
        map.lost(phone, at: at(0))
        try map.track(key: "ana", member: back, state: try state(1))
        #expect(!map.hasDiff)
        #expect(refs(map.snapshot()) == ["ana": ["7.1"]])
        map.expire(at: at(60_000))
        #expect(map.count == 1)
        map.leave(phone)
        #expect(map.count == 1)
    }

    @Test
    mutating func `a new member with another state updates the place it took`() throws {
        try map.track(key: "ana", member: phone, state: try state(1))
        _ = map.takeDiff()
        map.lost(phone, at: at(0))
        try map.track(key: "ana", member: back, state: try state(2))
        let diff = map.takeDiff()
        #expect(diff?.joins.first?.metas.first?.previousRef == "7.1")
        #expect(refs(diff?.leaves) == ["ana": ["7.1"]])
    }

    @Test
    mutating func `another device, an attached meta and another key keep their places`() throws {
        try map.track(key: "ana", member: phone, device: "phone", state: .empty)
        let whileAttached = map.adopt(key: "ana", member: back, device: "phone")
        map.lost(phone, at: at(0))
        let otherDevice = map.adopt(key: "ana", member: back, device: "laptop")
        let otherKey = map.adopt(key: "ben", member: back, device: "phone")
        let sameDevice = map.adopt(key: "ana", member: back, device: "phone")
        #expect([whileAttached, otherDevice, otherKey, sameDevice] == [false, false, false, true])
    }

    @Test
    mutating func `a member that changes its key leaves the old one`() throws {
        try map.track(key: "ana", member: phone, state: .empty)
        _ = map.takeDiff()
        try map.track(key: "ben", member: phone, state: .empty)
        let diff = map.takeDiff()
        #expect(refs(diff?.joins) == ["ben": ["7.2"]])
        #expect(refs(diff?.leaves) == ["ana": ["7.1"]])
    }

    @Test
    mutating func `a key has at most 32 metas`() throws {
        for number in 0..<32 as Range<UInt64> {
            try map.track(key: "ana", member: PresenceMember(number: number), state: .empty)
        }
        #expect(throws: PresenceRefusal.tooManyMetas(limit: 32)) {
            try map.track(key: "ana", member: PresenceMember(number: 32), state: .empty)
        }
        #expect(map.metaCount == 32)
    }

    @Test
    func `all that a topic shows fits the bytes it was given`() throws {
        let one = PresencePayload.state(
            [
                PresenceGroup(
                    key: "a",
                    metas: [PresenceMeta(ref: "7.1", previousRef: nil, state: try state(1))])
            ]
        ).count
        var limits = PresenceMap.Limits()
        limits.bytes = 2 * one
        var map = PresenceMap(generation: 7, limits: limits)
        try map.track(key: "a", member: phone, state: try state(1))
        try map.track(key: "b", member: laptop, state: try state(2))
        #expect(PresencePayload.state(map.snapshot()).count <= limits.bytes)
        #expect(throws: PresenceRefusal.tooManyBytes(limit: limits.bytes)) {
            try map.track(key: "c", member: back, state: .empty)
        }
        #expect(throws: PresenceRefusal.tooManyBytes(limit: limits.bytes)) {
            try map.track(key: "b", member: laptop, state: try state(1_000))
        }
        #expect(map.metas(of: "b").map(\.state) == [try state(2)])
        map.leave(phone)
        map.leave(laptop)
        #expect(map.bytes == 0)
        try map.track(key: "c", member: back, state: .empty)
    }

    @Test
    func `a topic has at most as many keys as it was given`() throws {
        var limits = PresenceMap.Limits()
        limits.keys = 2
        var map = PresenceMap(generation: 7, limits: limits)
        try map.track(key: "ana", member: phone, state: .empty)
        try map.track(key: "ben", member: laptop, state: .empty)
        #expect(throws: PresenceRefusal.tooManyKeys(limit: 2)) {
            try map.track(key: "eva", member: back, state: .empty)
        }
        try map.track(key: "ben", member: back, state: .empty)
        #expect(map.metaCount == 3)
    }

    @Test
    func `who left before the diff is told as gone once somebody was shown them`() throws {
        var map = PresenceMap(generation: 7)
        try map.track(key: "ana", member: phone, state: .empty)
        let shown = map.snapshot()
        map.leave(phone)
        let diff = map.takeDiff()
        #expect(shown.count == 1)
        #expect(diff?.joins.isEmpty == true)
        #expect(diff?.leaves == shown)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `whoever applies every diff sees what a snapshot shows`(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        var limits = PresenceMap.Limits()
        limits.grace = .milliseconds(100)
        limits.metasPerKey = 3
        var map = PresenceMap(generation: 1, limits: limits)
        var seen: [String: Set<String>] = [:]
        var now: Int64 = 0
        func apply(_ diff: PresenceDiff) {
            for group in diff.leaves {
                for meta in group.metas {
                    let wasSeen = seen[group.key]?.remove(meta.ref) != nil
                    #expect(wasSeen, "seed \(seed)")
                }
                if seen[group.key]?.isEmpty == true { seen[group.key] = nil }
            }
            for group in diff.joins {
                for meta in group.metas {
                    let isNew = seen[group.key, default: []].insert(meta.ref).inserted
                    #expect(isNew, "seed \(seed)")
                }
            }
        }
        for _ in 0..<200 {
            now += Int64.random(in: 0...20, using: &random)
            let member = PresenceMember(number: .random(in: 0..<12, using: &random))
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1, 2:
                let key = ["ana", "ben", "eva"][Int.random(in: 0..<3, using: &random)]
                let state = try state(Int.random(in: 0..<3, using: &random))
                do {
                    try map.track(key: key, member: member, state: state)
                } catch {
                    #expect(error == PresenceRefusal.tooManyMetas(limit: 3), "seed \(seed)")
                }
            case 3: map.leave(member)
            case 4, 5: map.lost(member, at: at(now))
            case 6: _ = map.resumed(member)
            default: map.expire(at: at(now))
            }
            if Int.random(in: 0..<3, using: &random) == 0, let diff = map.takeDiff() {
                apply(diff)
                #expect(seen == refs(map.snapshot()).mapValues(Set.init), "seed \(seed)")
            }
            // Not by a snapshot, which would count as shown to somebody.
            let metas = ["ana", "ben", "eva"].map { map.metas(of: $0).count }.reduce(0, +)
            #expect(metas == map.metaCount, "seed \(seed)")
        }
        for number in 0..<12 as Range<UInt64> {
            map.lost(PresenceMember(number: number), at: at(now))
        }
        map.expire(at: at(now + 100))
        #expect(map.count == 0 && map.nextDeadline == nil, "seed \(seed)")
    }
}
