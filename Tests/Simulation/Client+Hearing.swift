import Basics
import JSON
import Phoenix

// What a client believes about its streams, and what may not happen to them.
extension Client {
    func joined(_ membership: Membership, _ ref: String, _ response: JSONValue) {
        // The client left, or joined again, before the answer came.
        guard membership.state == .joining(ref: ref) else { return }
        membership.state = .joined(joinRef: ref)
        guard membership.isDurable else { return }
        guard let position = response["position"]?.string, let head = seq(position),
            let verdict = response["resume"]?.string, let asked = membership.asked
        else { return violated("a join's answer lacks something: \(response)") }
        switch (asked, verdict) {
        case (.history(let count), "fresh"): membership.last = head - min(count, head)
        case (.position(let last), "resumed"):
            membership.last = last
            if head - last > 500 { violated("\(head - last) entries should be a gap") }
        case (.position(let last), "gap"):
            membership.awaitsGap = true
            if head - last <= 500 { violated("a gap of \(head - last) entries") }
        case (.history, _), (.position, _): violated("\(asked) was answered with \(verdict)")
        }
        for message in membership.unacknowledged { send(membership, message.clientID) }
    }

    func heard(_ envelope: ServerEnvelope, _ payload: JSONValue) {
        guard let membership = memberships.first(where: { $0.wireTopic == envelope.topic }) else {
            return violated("something about \(envelope.topic), which it never joined")
        }
        switch envelope.event {
        case "phx_close":
            if membership.joinRef == envelope.joinRef?.description
                || (version == .v1 && membership.joinRef == envelope.ref?.description)
            {
                closed(membership)
            }
            return
        case "system": return
        default: break
        }
        // Between a join and its answer a client hears what was meant for an earlier join, and
        // after a leave what was on its way.
        guard membership.isJoined else { return }
        if isShutOut(membership.topic) {
            violated("\(envelope.event) of \(membership.topic) to somebody who has no access")
        }
        let isWrapped = envelope.event == "broadcast" && membership.isDurable
        handle(
            isWrapped ? payload["event"]?.string ?? "" : envelope.event,
            isWrapped ? payload["payload"] ?? .null : payload, membership)
        if isWrapped, payload["event"]?.string == "message:new",
            payload["meta"]?["id"]?.string != payload["payload"]?["position"]?.string
        {
            violated("meta.id is not the position")
        }
    }

    private func handle(_ event: String, _ payload: JSONValue, _ membership: Membership) {
        switch event {
        case "message:new", "notification:new": entry(payload, membership)
        case "gap": gap(payload, membership)
        case "presence_state": membership.presenceState(payload)
        case "presence_diff":
            if !membership.hasPresence { violated("a diff before the state") }
            membership.presenceDiff(payload)
        case "broadcast":
            let id = payload["payload"]?["id"]?.string ?? ""
            if !membership.broadcasts.insert(id).inserted { violated("broadcast \(id) twice") }
            if id.hasPrefix("\(name)-") { violated("its own broadcast") }
        case "typing", "notification:unread": break
        default: violated("an unknown event \(event)")
        }
    }

    private func entry(_ payload: JSONValue, _ membership: Membership) {
        guard let seq = payload["seq"]?.integer, let id = payload["client_id"]?.string else {
            return violated("an entry lacks something: \(payload)")
        }
        if membership.awaitsGap { violated("entry \(seq) before the gap was told") }
        if let last = membership.last, seq != last + 1 {
            violated("\(membership.topic): entry \(seq) after \(last)")
        }
        membership.last = seq
        membership.heard[seq] = id
    }

    private func gap(_ payload: JSONValue, _ membership: Membership) {
        guard let from = payload["from"]?.string.flatMap(seq),
            let to = payload["to"]?.string.flatMap(seq)
        else { return violated("a gap lacks something") }
        if from != membership.last { violated("a gap from \(from) after \(membership.last ?? -1)") }
        membership.awaitsGap = false
        membership.last = to
    }

    private func closed(_ membership: Membership) {
        ended(membership)
        // Who was shut out tries again now and then, in case it was a mistake.
        world.schedule(after: world.milliseconds(500...2_000)) { [weak self] in
            guard let self, triesAgain, membership.state == .absent, membership.isWanted else {
                return
            }
            join(membership)
        }
    }

    private func seq(_ position: String) -> Int64? {
        guard position.hasPrefix("sim-") else { return nil }
        return Int64(position.dropFirst(4))
    }
}
