package import PubSub
import Resume

extension MemoryDatabase {
    /// Does what an application's committed `rollcall.publish` does: it writes an outbox row,
    /// which waits for a drainer.
    package func publish(
        to topic: TopicName, from sender: String, body: [UInt8], clientID: String? = nil
    ) {
        outboxRowsEver += 1
        outbox.append(
            EntryDraft(
                topic: topic, kind: .post, sender: sender,
                clientID: clientID ?? "outbox:\(outboxRowsEver)", body: body))
    }

    /// Moves at most `limit` rows into the log and returns the heads this moved.
    func drain(limit: Int) throws(StorageError) -> [(topic: TopicName, head: Head)] {
        let drafts = outbox.prefix(limit)
        _ = try append(Array(drafts))
        outbox.removeFirst(drafts.count)
        var seen: Set<Bytes> = []
        return drafts.map(\.topic).compactMap { topic in
            guard seen.insert(Bytes(topic.text.utf8)).inserted else { return nil }
            return (topic, head(of: topic))
        }
    }
}
