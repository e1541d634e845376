/// The topics that somebody on this loop hears, and who hears them.
///
/// Names become small numbers at the door (``TopicIndex``), so that a delivery never touches a
/// string. A topic lives while it has a subscriber, a holder or a walk; then its number is free
/// for another topic.
///
/// *Who enters*: whoever the room let in. *What is kept*: one record per subscription, one name
/// per topic. *Limits*: none here; connections bound their topics, the shell its connections.
///
/// Confined to one loop.
package struct TopicTable {
    private struct Topic {
        /// Nil: the slot is free.
        var name: TopicName?
        var subscribers = SubscriberList()
        var holders = 0
    }

    private var topics: ContiguousArray<Topic> = []
    private var freeTopics: ContiguousArray<TopicIndex> = []
    private var indexes: [TopicName: TopicIndex] = [:]
    private var places = PlaceTable()

    package init() {}

    /// How many topics are alive.
    package var topicCount: Int { indexes.count }

    /// How many subscriptions there are, of all topics.
    package var subscriptionCount: Int { places.count }

    /// The number of a topic that is alive here.
    package func index(of name: TopicName) -> TopicIndex? {
        indexes[name]
    }

    /// The name of a living topic.
    package func name(of topic: TopicIndex) -> TopicName {
        guard let name = topics[topic.slot].name else {
            preconditionFailure("topic \(topic.slot) is not alive")
        }
        return name
    }

    /// How many subscribe to `topic` on this loop.
    package func subscriberCount(of topic: TopicIndex) -> Int {
        topics[topic.slot].subscribers.count
    }

    /// Subscribes, creating the topic if nobody heard it yet. O(1).
    ///
    /// A walk under way does not reach the newcomer.
    package mutating func subscribe(
        _ subscription: Subscription, to name: TopicName
    ) -> (topic: TopicIndex, id: SubscriptionID) {
        let topic = intern(name)
        var record = subscription
        record.id = places.takeID()
        let place = topics[topic.slot].subscribers.add(record)
        places.set(record.id, to: place)
        return (topic, record.id)
    }

    /// Ends a subscription, also in the middle of a walk, whose later chunks pass it by. O(1).
    ///
    /// Returns true when the topic ended with it; `topic` is then no longer valid.
    package mutating func unsubscribe(_ id: SubscriptionID, from topic: TopicIndex) -> Bool {
        let place = places[id]
        precondition(
            topics[topic.slot].subscribers[place]?.id == id, "not a subscription of this topic")
        if let moved = topics[topic.slot].subscribers.remove(at: place) {
            places.set(moved, to: place)
        }
        places.give(back: id)
        return endIfUnused(topic)
    }

    /// Keeps a topic alive without a subscriber, such as while its presence still waits.
    package mutating func hold(_ name: TopicName) -> TopicIndex {
        let topic = intern(name)
        topics[topic.slot].holders += 1
        return topic
    }

    /// Takes one ``hold(_:)`` back. Returns true when the topic ended with it.
    package mutating func release(_ topic: TopicIndex) -> Bool {
        precondition(topics[topic.slot].holders > 0, "released more often than held")
        topics[topic.slot].holders -= 1
        return endIfUnused(topic)
    }

    /// The subscription `id` of `topic` as it stands.
    package func subscription(_ id: SubscriptionID, of topic: TopicIndex) -> Subscription {
        guard let subscription = topics[topic.slot].subscribers[places[id]] else {
            preconditionFailure("not a subscription of this topic")
        }
        return subscription
    }

    /// Stores the position and flags of a subscription.
    package mutating func update(
        _ id: SubscriptionID, of topic: TopicIndex, position: Int64, flags: Subscription.Flags
    ) {
        topics[topic.slot].subscribers.update(at: places[id], position: position, flags: flags)
    }

    // MARK: Walks

    /// How many places a walk visits before others get their turn.
    ///
    /// A delivery costs about 5 µs in the kernel, so 512 hold a loop for some 2.5 ms: pings and
    /// small rooms hardly notice. Half of it would double the turns of a walk for nothing.
    package static let chunk = 512

    /// True from ``beginWalk(of:)`` to the chunk that found nobody left.
    package func isWalking(_ topic: TopicIndex) -> Bool {
        topics[topic.slot].subscribers.isWalking
    }

    /// Begins a walk over everybody who subscribes to `topic` now; one at a time per topic.
    package mutating func beginWalk(of topic: TopicIndex) {
        topics[topic.slot].subscribers.beginWalk()
    }

    /// Takes who subscribed since the walk began into it, as long as nobody was visited: what is
    /// to be told has grown meanwhile.
    package mutating func widenWalk(of topic: TopicIndex) {
        topics[topic.slot].subscribers.widenWalk()
    }

    /// Visits the next subscribers of the walk, at most `limit`; false when the walk is over.
    ///
    /// `visit` may change a subscription's position and flags. It must leave the table alone: whom
    /// it wants to unsubscribe it notes, for after the chunk. After false the topic may have
    /// ended: that is so when ``index(of:)`` no longer knows it.
    ///
    /// Cost: a call for each subscriber and no allocation; `PubSub.md` has the measured walk.
    /// Closing the ranks is linear in the list, once a walk that somebody left.
    package mutating func visitChunk(
        of topic: TopicIndex, limit: Int = chunk, _ visit: (inout Subscription) -> Void
    ) -> Bool {
        let isUnderWay = topics[topic.slot].subscribers.visitChunk(
            limit: limit, moved: { id, place in places.set(id, to: place) }, visit)
        if !isUnderWay { _ = endIfUnused(topic) }
        return isUnderWay
    }

    // MARK: Names

    private mutating func intern(_ name: TopicName) -> TopicIndex {
        if let known = indexes[name] { return known }
        let topic: TopicIndex
        if let free = freeTopics.popLast() {
            topic = free
            topics[topic.slot].name = name
        } else {
            topic = TopicIndex(number: UInt32(topics.count))
            topics.append(Topic(name: name))
        }
        indexes[name] = topic
        return topic
    }

    private mutating func endIfUnused(_ topic: TopicIndex) -> Bool {
        let entry = topics[topic.slot]
        guard let name = entry.name, entry.holders == 0, entry.subscribers.count == 0,
            !entry.subscribers.isWalking
        else { return false }
        indexes[name] = nil
        topics[topic.slot] = Topic()
        freeTopics.append(topic)
        return true
    }
}

/// A living topic's number on one loop; meaningless on another loop and after the topic's end.
package struct TopicIndex: Hashable, Sendable {
    let number: UInt32

    /// The number, for tables that stand beside ``TopicTable``.
    package var slot: Int { Int(number) }
}

/// Where each subscription stands in its topic's list; free numbers are a chain through the same
/// array, so that a table of personal topics costs 4 bytes a subscription here.
private struct PlaceTable {
    private var slots: ContiguousArray<UInt32> = []
    private var firstFree = UInt32.max
    private(set) var count = 0

    subscript(id: SubscriptionID) -> Int { Int(slots[Int(id.number)]) }

    mutating func set(_ id: SubscriptionID, to place: Int) {
        slots[Int(id.number)] = UInt32(place)
    }

    mutating func takeID() -> SubscriptionID {
        count += 1
        guard firstFree != .max else {
            slots.append(0)
            return SubscriptionID(number: UInt32(slots.count - 1))
        }
        let id = SubscriptionID(number: firstFree)
        firstFree = slots[Int(firstFree)]
        return id
    }

    mutating func give(back id: SubscriptionID) {
        count -= 1
        slots[Int(id.number)] = firstFree
        firstFree = id.number
    }
}
