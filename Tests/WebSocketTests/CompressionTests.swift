import Testing

@testable import WebSocket

@Suite("RFC 7692 §7.1")
struct CompressionTests {
    @Test func `a smaller window takes messages that fit into it`() {
        let compression = Compression(serverWindowBits: 10)
        #expect(compression.takes(messageBytes: 1024))
        #expect(!compression.takes(messageBytes: 1025))
    }

    @Test func `the largest window takes any message`() {
        let compression = Compression(serverWindowBits: 15)
        #expect(compression.takes(messageBytes: 1 << 20))
    }

    @Test func `sixteen offers are read and not one more`() {
        let offers = Array(repeating: "a", count: 16)
        #expect(ExtensionOffer.parse(offers)?.count == 16)
        #expect(ExtensionOffer.parse(offers + ["a"]) == nil)
    }

    @Test func `empty members of the list are ignored`() {
        let offers = ExtensionOffer.parse([", a,, b;c=d ,", ""])
        let expected = [
            ExtensionOffer(name: "a"),
            ExtensionOffer(name: "b", parameters: [.init(name: "c", value: "d")]),
        ]
        #expect(offers == expected)
    }
}
