import Basics
import JSON

/// One topic as a client sees it: where its stream stands, who it believes is there, and what it
/// has said that is not acknowledged.
final class Membership {
    enum State: Equatable {
        case absent
        case joining(ref: String)
        case joined(joinRef: String)
    }

    /// The room's name, without `realtime:` on an alias.
    let topic: String
    /// As the client writes it.
    let wireTopic: String
    var state = State.absent
    var isWanted = true
    /// What the join asked for.
    var asked: Start?
    /// The `seq` of the last entry of the stream; nil before the first join.
    var last: Int64?
    /// The join's verdict was a gap, which must be told before the next entry.
    var awaitsGap = false
    /// Refs by presence key.
    var presence: [String: Set<String>] = [:]
    var hasPresence = false
    /// What was said and not acknowledged, oldest first.
    var unacknowledged: [(clientID: String, text: String)] = []
    /// The `seq` of everything acknowledged.
    var acknowledged: [String: Int64] = [:]
    /// The client id of every entry heard.
    var heard: [Int64: String] = [:]
    /// Broadcasts heard, which come at most once.
    var broadcasts: Set<String> = []
    /// The state this client shows in an open topic.
    var isTracked = false

    enum Start: Equatable {
        case position(Int64)
        case history(Int64)
    }

    init(topic: String, wireTopic: String) {
        self.topic = topic
        self.wireTopic = wireTopic
    }

    var isJoined: Bool {
        if case .joined = state { true } else { false }
    }

    var isDurable: Bool { !topic.hasPrefix("realtime:") }

    var joinRef: String? {
        switch state {
        case .absent: nil
        case .joining(let ref): ref
        case .joined(let ref): ref
        }
    }

    /// The line is gone, or the channel.
    func ended() {
        state = .absent
        awaitsGap = false
        presence = [:]
        hasPresence = false
        isTracked = false
    }

    // MARK: Presence, as Phoenix's clients keep it

    func presenceState(_ state: JSONValue) {
        presence = refs(state)
        hasPresence = true
    }

    func presenceDiff(_ diff: JSONValue) {
        for (key, refs) in refs(diff["joins"]) { presence[key, default: []].formUnion(refs) }
        for (key, refs) in refs(diff["leaves"]) {
            presence[key]?.subtract(refs)
            if presence[key]?.isEmpty == true { presence[key] = nil }
        }
    }

    private func refs(_ groups: JSONValue?) -> [String: Set<String>] {
        var refs: [String: Set<String>] = [:]
        for member in groups?.object?.members ?? [] {
            refs[member.name] = Set(
                (member.value["metas"]?.array ?? []).compactMap { $0["phx_ref"]?.string })
        }
        return refs
    }
}
