import PubSub

/// What a hub holds at this moment, so that metrics and simulations see a leak.
///
/// Once everybody has left, everything here is zero.
package struct HubCensus: Sendable, Equatable {
    package var connections = 0
    package var queuedBytes = 0
    /// Topics with subscribers on this loop.
    package var edgeTopics = 0
    package var subscriptions = 0
    package var catchUps = 0
    package var reads = 0
    package var walks = 0
    /// Topics whose home is here.
    package var homeTopics = 0
    /// Joins that were not answered yet.
    package var joining = 0
    /// People whose access must be looked at again.
    package var rechecks = 0
    /// Facts that end by themselves.
    package var endings = 0
    /// Drafts whose outcome is not known yet.
    package var appends = 0
    package var topicsInGrace = 0

    package init() {}
}

extension Hub {
    /// Cost: a few loads, and a walk over joins that wait.
    package var census: HubCensus {
        var census = HubCensus()
        census.connections = edge.counters.connections
        census.queuedBytes = edge.queuedBytes
        census.edgeTopics = edge.table.topicCount
        census.subscriptions = edge.table.subscriptionCount
        census.catchUps = edge.catchUps.count
        census.reads = edge.reads.count
        census.walks = edge.walks.count
        census.homeTopics = home.topics.count
        census.joining =
            home.joining.count + home.waitingForFacts.values.reduce(0) { $0 + $1.count }
        census.rechecks = home.rechecks.count
        census.endings = home.endings.count
        census.appends = home.appends.count
        census.topicsInGrace = home.inGrace.count
        return census
    }
}

extension Edge {
    /// Bytes that wait for the reader at `slot`.
    package func waitingBytes(of slot: UInt32) -> Int {
        outboxes.waitingBytes(of: slot)
    }
}
