import Testing

@testable import PubSub

@Suite("The topics of one loop")
struct TopicTableTests {
    private let algebra = TopicName("course:42")!
    private let poetry = TopicName("course:7")!

    private func subscription(_ connection: UInt32) -> Subscription {
        Subscription(connection: connection, channel: 1, dialect: 2, position: 10)
    }

    @Test
    func `a topic lives from its first subscriber to its last`() {
        var table = TopicTable()
        let ana = table.subscribe(subscription(1), to: algebra)
        let ben = table.subscribe(subscription(2), to: algebra)
        #expect(ana.topic == ben.topic)
        #expect(table.name(of: ana.topic) == algebra)
        #expect(table.subscriberCount(of: ana.topic) == 2)
        let endedWithAna = table.unsubscribe(ana.id, from: ana.topic)
        #expect(!endedWithAna)
        let endedWithBen = table.unsubscribe(ben.id, from: ben.topic)
        #expect(endedWithBen)
        #expect(table.index(of: algebra) == nil)
        #expect(table.topicCount == 0)
        #expect(table.subscriptionCount == 0)
    }

    @Test
    func `the number of an ended topic serves another one`() {
        var table = TopicTable()
        let ana = table.subscribe(subscription(1), to: algebra)
        _ = table.unsubscribe(ana.id, from: ana.topic)
        let ben = table.subscribe(subscription(2), to: poetry)
        #expect(ben.topic == ana.topic)
        #expect(ben.id == ana.id)
        #expect(table.name(of: ben.topic) == poetry)
    }

    @Test
    func `a held topic outlives its subscribers`() {
        var table = TopicTable()
        let held = table.hold(algebra)
        let ana = table.subscribe(subscription(1), to: algebra)
        #expect(ana.topic == held)
        let endedWithAna = table.unsubscribe(ana.id, from: held)
        #expect(!endedWithAna)
        let endedWithRelease = table.release(held)
        #expect(endedWithRelease)
        #expect(table.index(of: algebra) == nil)
    }

    @Test
    func `a subscription keeps its identity while others leave`() {
        var table = TopicTable()
        let ana = table.subscribe(subscription(1), to: algebra)
        let ben = table.subscribe(subscription(2), to: algebra)
        _ = table.unsubscribe(ana.id, from: ana.topic)
        table.update(ben.id, of: ben.topic, position: 12, flags: [.catchingUp])
        let found = table.subscription(ben.id, of: ben.topic)
        #expect(found.connection == 2)
        #expect(found.position == 12)
        #expect(found.flags == [.catchingUp])
    }

    @Test
    func `a walk sees positions and stores them`() {
        var table = TopicTable()
        let ana = table.subscribe(subscription(1), to: algebra)
        table.beginWalk(of: ana.topic)
        var before: [Int64] = []
        let isUnderWay = table.visitChunk(of: ana.topic) { subscription in
            before.append(subscription.position)
            subscription.position = 11
        }
        let isStillUnderWay = table.visitChunk(of: ana.topic) { before.append($0.position) }
        #expect(isUnderWay && !isStillUnderWay)
        #expect(before == [10])
        #expect(table.subscription(ana.id, of: ana.topic).position == 11)
    }

    @Test
    func `a topic that everybody leaves during a walk ends with the walk`() {
        var table = TopicTable()
        let ana = table.subscribe(subscription(1), to: algebra)
        table.beginWalk(of: ana.topic)
        let ended = table.unsubscribe(ana.id, from: ana.topic)
        #expect(!ended)
        #expect(table.isWalking(ana.topic))
        var visited = 0
        let isUnderWay = table.visitChunk(of: ana.topic) { _ in visited += 1 }
        #expect(isUnderWay)
        #expect(visited == 0)
        let isStillUnderWay = table.visitChunk(of: ana.topic) { _ in visited += 1 }
        #expect(!isStillUnderWay)
        #expect(table.index(of: algebra) == nil)
    }

    @Test
    func `ranks closed after a walk keep every identity`() {
        var table = TopicTable()
        let all = (0..<6).map { table.subscribe(subscription($0), to: algebra) }
        let topic = all[0].topic
        table.beginWalk(of: topic)
        _ = table.unsubscribe(all[1].id, from: topic)
        _ = table.unsubscribe(all[4].id, from: topic)
        while table.visitChunk(of: topic, limit: 2, { _ in }) {}
        let found = [0, 2, 3, 5].map { table.subscription(all[$0].id, of: topic).connection }
        #expect(found == [0, 2, 3, 5])
        #expect(table.subscriberCount(of: topic) == 4)
    }

    @Test
    func `a subscription is 24 bytes`() {
        #expect(MemoryLayout<Subscription>.stride == 24)
    }
}
