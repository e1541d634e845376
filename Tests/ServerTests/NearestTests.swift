import Testing

@testable import rollcall

@Suite("Nearest name")
struct NearestTests {
    @Test(arguments: [
        ("abc", "abc", 0), ("abc", "acb", 2), ("", "abc", 3), ("kitten", "sitting", 3),
    ])
    func `the distance counts insertions, deletions and replacements`(
        left: String, right: String, expected: Int
    ) {
        let there = Nearest.distance(from: left, to: right)
        let back = Nearest.distance(from: right, to: left)
        #expect(there == expected)
        #expect(back == expected)
    }

    @Test func `a third of the letters wrong is a slip, more is another word`() {
        #expect(Nearest.name(to: "sexve", in: ["serve", "seed"]) == "serve")
        #expect(Nearest.name(to: "xxyxxx", in: ["abyabc"]) == nil)
        #expect(Nearest.name(to: "abyaxx", in: ["abyabc"]) == "abyabc")
        #expect(Nearest.name(to: "anything", in: []) == nil)
    }

    @Test func `a huge word is far from everything at once`() {
        let huge = String(repeating: "listen", count: 100_000)
        #expect(Nearest.name(to: huge, in: ["--listen"]) == nil)
    }
}
