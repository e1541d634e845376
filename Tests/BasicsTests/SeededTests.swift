import Testing

@testable import Basics

@Suite("The seeded generator")
struct SeededTests {
    @Test
    func `the first numbers are SplitMix64's`() {
        // The reference implementation of S. Vigna (splitmix64.c) with the state 1234567.
        var random = Seeded(seed: 1_234_567)
        let numbers = (0..<3).map { _ in random.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }
}
