import Basics
import Testing

@testable import PubSub

@Suite("The subscribers of one topic")
struct SubscriberListTests {
    /// A list and the places its owner would keep, so that a test can speak of ids.
    private struct Room {
        var list = SubscriberList()
        var places: [SubscriptionID: Int] = [:]
        private var nextNumber: UInt32 = 0

        mutating func join() -> SubscriptionID {
            var record = Subscription(connection: nextNumber, channel: 0, dialect: 0)
            let id = SubscriptionID(number: nextNumber)
            nextNumber += 1
            record.id = id
            places[id] = list.add(record)
            return id
        }

        mutating func leave(_ id: SubscriptionID) {
            guard let place = places.removeValue(forKey: id) else { return }
            if let moved = list.remove(at: place) { places[moved] = place }
        }

        mutating func nextChunk(_ limit: Int) -> [SubscriptionID]? {
            var visited: [SubscriptionID] = []
            let isUnderWay = list.visitChunk(
                limit: limit, moved: { places[$0] = $1 }, { visited.append($0.id) })
            return isUnderWay ? visited : nil
        }

        var placesAreRight: Bool {
            list.count == places.count && places.allSatisfy { list[$0.value]?.id == $0.key }
        }
    }

    @Test
    func `a walk is widened to newcomers until somebody is visited`() {
        var room = Room()
        let early = room.join()
        room.list.beginWalk()
        let newcomer = room.join()
        room.list.widenWalk()
        let first = room.nextChunk(1)
        let late = room.join()
        room.list.widenWalk()
        let second = room.nextChunk(2)
        let end = room.nextChunk(2)
        #expect(first == [early])
        #expect(second == [newcomer])
        #expect(end == nil)
        #expect(room.places[late] == 2)
    }

    @Test
    func `a leaver's place is taken by the last one`() {
        var room = Room()
        let ids = (0..<3).map { _ in room.join() }
        room.leave(ids[0])
        #expect(room.places[ids[2]] == 0)
        #expect(room.placesAreRight)
        room.leave(ids[1])
        room.leave(ids[2])
        #expect(room.list.count == 0)
    }

    @Test
    func `a walk visits everybody once in chunks of the limit`() {
        var room = Room()
        let ids = (0..<5).map { _ in room.join() }
        room.list.beginWalk()
        let chunks = [room.nextChunk(2), room.nextChunk(2), room.nextChunk(2), room.nextChunk(2)]
        #expect(chunks == [[ids[0], ids[1]], [ids[2], ids[3]], [ids[4]], nil])
        #expect(!room.list.isWalking)
    }

    @Test
    func `a walk of an empty list is over at once`() {
        var room = Room()
        room.list.beginWalk()
        #expect(room.nextChunk(10) == nil)
        #expect(!room.list.isWalking)
    }

    @Test
    func `who leaves during a walk is not visited and nobody else is missed`() {
        var room = Room()
        let ids = (0..<4).map { _ in room.join() }
        room.list.beginWalk()
        let first = room.nextChunk(2)
        room.leave(ids[0])
        room.leave(ids[2])
        let second = room.nextChunk(2)
        let end = room.nextChunk(2)
        #expect(first == [ids[0], ids[1]])
        #expect(second == [ids[3]])
        #expect(end == nil)
        #expect(room.placesAreRight)
    }

    @Test
    func `who joins during a walk hears only the next one`() {
        var room = Room()
        let early = room.join()
        room.list.beginWalk()
        let late = room.join()
        #expect(room.nextChunk(10) == [early])
        #expect(room.nextChunk(10) == nil)
        room.list.beginWalk()
        #expect(room.nextChunk(10) == [early, late])
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `no schedule of joins, leaves and walks misses or repeats anybody`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var room = Room()
        var present: [SubscriptionID] = []
        var owed: Set<SubscriptionID> = []
        for _ in 0..<200 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: present.append(room.join())
            case 1 where !present.isEmpty:
                let gone = present.remove(at: .random(in: present.indices, using: &random))
                room.leave(gone)
                owed.remove(gone)
            case 2 where !room.list.isWalking:
                room.list.beginWalk()
                owed = Set(present)
            case 3 where room.list.isWalking:
                let limit = Int.random(in: 1...5, using: &random)
                if let chunk = room.nextChunk(limit) {
                    for id in chunk {
                        let wasOwed = owed.remove(id) != nil
                        #expect(wasOwed, "seed \(seed)")
                    }
                } else {
                    #expect(owed.isEmpty, "seed \(seed)")
                }
            default: break
            }
            #expect(room.placesAreRight, "seed \(seed)")
        }
    }
}
