import Basics
import Hub
import MemoryStorage
import PubSub
import Resume

// What must be true once everything is calm.
extension Storm {
    func entries(of topic: String) -> [Entry] {
        guard let name = TopicName(topic) else { return [] }
        var entries: [Entry] = []
        MemoryStorage(database: world.database).entries(of: name, in: 1...(.max), limit: .max) {
            if case .success(let all) = $0 { entries = all }
        }
        return entries
    }

    func mayJoin(_ client: Client, _ topic: String) -> Bool {
        revoked["\(client.person) \(topic)"] == nil
    }

    func checkStreams() {
        for client in clients {
            if !client.isAnswered {
                world.violated("\(client.name) waits for \(client.unanswered)")
            }
            for membership in client.memberships { check(membership, of: client) }
        }
    }

    private func check(_ membership: Membership, of client: Client) {
        let who = "\(client.name) in \(membership.topic)"
        let isIn = membership.isJoined
        if isIn != mayJoin(client, membership.topic) {
            world.violated("\(who): joined is \(isIn), \(membership.state)")
        }
        guard membership.isDurable else { return }
        let log = entries(of: membership.topic)
        for (id, seq) in membership.acknowledged {
            guard log.indices.contains(Int(seq) - 1), log[Int(seq) - 1].clientID == id,
                log[Int(seq) - 1].sender == client.person
            else {
                world.violated("\(who): \(id) was acknowledged as \(seq) and is lost")
                continue
            }
        }
        for (seq, id) in membership.heard where log[Int(seq) - 1].clientID != id {
            world.violated("\(who): entry \(seq) is \(id)")
        }
        let ids = log.map { "\($0.sender) \($0.clientID)" }
        if Set(ids).count != ids.count { world.violated("\(membership.topic): stored twice") }
        if isIn, membership.last != Int64(log.count) {
            world.violated("\(who): heard up to \(membership.last ?? -1) of \(log.count)")
        }
        if isIn, !membership.unacknowledged.isEmpty {
            world.violated("\(who): \(membership.unacknowledged.count) not acknowledged")
        }
    }

    /// Everybody's view is the truth of their node, and the same refs.
    func checkPresence() {
        for node in nodes {
            for topic in ["course:c1", "course:c2", "realtime:lobby"] {
                check(presenceIn: topic, of: node)
            }
        }
    }

    private func check(presenceIn topic: String, of node: Node) {
        var truth: [String: Int] = [:]
        var views: [(String, [String: Set<String>])] = []
        for client in clients where client.line?.loop.node === node {
            for membership in client.memberships
            where membership.topic == topic && membership.isJoined {
                if membership.isDurable {
                    truth[client.person, default: 0] += 1
                } else if membership.isTracked {
                    truth[client.name, default: 0] += 1
                }
                views.append((client.name, membership.presence))
            }
        }
        for (name, view) in views {
            if view.mapValues(\.count) != truth {
                world.violated("\(name) sees \(view) in \(topic), the truth is \(truth)")
            }
            if view != views[0].1 { world.violated("\(name) and \(views[0].0) disagree") }
        }
    }

    func checkLeaks() {
        for node in nodes where node.census != HubCensus() {
            world.violated("after everybody has left: \(node.census)")
        }
    }
}
