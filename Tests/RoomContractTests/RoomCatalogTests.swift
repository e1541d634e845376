import OpenTopics
import PubSub
import RoomContract
import Testing

@Suite struct RoomCatalogTests {
    private func kind(of text: String) -> RoomCatalog.Kind? {
        var catalog = RoomCatalog()
        catalog.add(OpenTopic.self) { OpenTopic(topic: $0) }
        return TopicName(text).flatMap(catalog.kind(of:))
    }

    @Test func `a room is found by what stands before the first colon`() {
        #expect(kind(of: "realtime:a")?.traits.topicPrefix == "realtime")
        #expect(kind(of: "realtime:a:b")?.traits.topicPrefix == "realtime")
    }

    @Test(arguments: ["realtime:", "realtime", "real:a", "Realtime:a", ":a"])
    func `what has no room or no name is not served`(topic: String) {
        #expect(kind(of: topic) == nil)
    }
}
