import Testing

@testable import PubSub

@Suite("Names of topics")
struct TopicNameTests {
    @Test
    func `a name of 255 bytes is one and 256 are too many`() {
        let longest = TopicName(String(repeating: "a", count: 255))
        let beyond = TopicName(String(repeating: "a", count: 256))
        #expect(longest != nil)
        #expect(beyond == nil)
    }

    @Test
    func `the limit counts bytes, not characters`() {
        let longest = TopicName(String(repeating: "é", count: 127))
        let beyond = TopicName(String(repeating: "é", count: 128))
        #expect(longest != nil)
        #expect(beyond == nil)
    }

    @Test(arguments: ["", "a\u{0}b", "a\nb", "a\u{1F}", "a\u{7F}"])
    func `an empty name and control characters are refused`(text: String) {
        #expect(TopicName(text) == nil)
    }

    @Test
    func `a name falls into prefix and identifier at its first colon`() {
        let name = TopicName("realtime:course:42")
        #expect(name?.prefix == "realtime")
        #expect(name?.identifier == "course:42")
        let plain = TopicName("phoenix")
        #expect(plain?.prefix == "phoenix")
        #expect(plain?.identifier == "")
    }

    @Test
    func `the stable hash is FNV-1a`() {
        // From the test vectors of FNV's authors (draft-eastlake-fnv, 64 bit).
        #expect(TopicName("a")?.stableHash == 0xAF63_DC4C_8601_EC8C)
        #expect(TopicName("foobar")?.stableHash == 0x8594_4171_F739_67E8)
    }
}
