import PubSub
import RoomContract
import Testing

@Suite struct AccessTests {
    @Test func `two spellings of one name are two questions`() {
        guard let topic = TopicName("course:1") else { return }
        let one = AccessQuery(person: "Zo\u{EB}", topic: topic)
        let other = AccessQuery(person: "Zoe\u{308}", topic: topic)
        #expect(one != other)
        #expect(Set([one, other]).count == 2)
    }
}
