import Basics
import PubSub

@testable import Resume

let algebra = TopicName("course:42")!
let epoch = Epoch("k3x9")!

/// The moment `milliseconds` after a test began.
func at(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: milliseconds * 1_000_000)
}

func entry(_ seq: Int64, bytes: Int = 8) -> Entry {
    Entry(
        seq: seq, ordinal: seq, kind: .post, sender: "ana", clientID: "c\(seq)",
        body: [UInt8](repeating: 0, count: bytes), createdAt: Timestamp(secondsSince1970: seq))
}

func entries(_ range: ClosedRange<Int64>) -> [Entry] {
    range.map { entry($0) }
}

func draft(_ clientID: String, in topic: TopicName = algebra, bytes: Int = 8) -> EntryDraft {
    EntryDraft(
        topic: topic, kind: .post, sender: "ana", clientID: clientID,
        body: [UInt8](repeating: 0, count: bytes))
}
