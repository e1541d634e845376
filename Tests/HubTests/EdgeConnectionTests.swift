import Basics
import Phoenix
import PubSub
import RoomContract
import Testing

@testable import Hub

@Suite struct EdgeConnectionTests {
    private func channel(_ topic: String, isAlias: Bool) -> Channel {
        Channel(
            phase: .joined(topicIndex, subscription), serial: 1, topic: name(topic),
            joinRef: "1", isAlias: isAlias, acks: true)
    }

    private let topicIndex: TopicIndex
    private let subscription: SubscriptionID

    init() {
        var table = TopicTable()
        (topicIndex, subscription) = table.subscribe(
            Subscription(connection: 0, channel: 1, dialect: 0), to: name("course:1"))
    }

    @Test func `a channel is called as its client wrote it`() {
        let plain = channel("course:1", isAlias: false)
        let alias = channel("course:1", isAlias: true)
        #expect(plain.wireTopic == "course:1")
        #expect(alias.wireTopic == "realtime:course:1")
        #expect(plain.isCalled("course:1") && alias.isCalled("realtime:course:1"))
        #expect(!plain.isCalled("realtime:course:1") && !alias.isCalled("course:1"))
        #expect(!alias.isCalled("realtime:course:12") && !alias.isCalled("realtime:"))
    }

    @Test func `an alias is told byte for byte, not by what letters look like`() {
        let composed = channel("course:\u{E9}", isAlias: false)
        #expect(composed.isCalled("course:\u{E9}"))
        #expect(!composed.isCalled("course:e\u{301}"))
    }

    /// Hub.docc says what an idle connection costs.
    @Test func `a channel is 64 bytes, whatever was asked for at its join`() {
        #expect(MemoryLayout<Channel>.stride == 64)
    }
}
