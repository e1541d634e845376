import Phoenix
import Testing

@Suite("Ref")
struct RefTests {
    @Test func `a number and the text of its digits are different refs`() {
        let text: Ref = "7"
        #expect(text != .integer(7))
        #expect(text.description == Ref.integer(7).description)
    }

    @Test func `a ref costs its holder little`() {
        // Kept for every join of every connection.
        #expect(MemoryLayout<Ref?>.size <= 24)
    }
}
