import Testing

@testable import rollcall_load

@Suite struct GeneratorsTests {
    @Test func `who judges and reports keeps those flags to itself`() {
        let words = [
            "--people", "20", "--processes", "2", "--json=a", "--markdown", "--max-lost", "3",
            "--server-pid", "7", "--html", "b", "--resume",
        ]
        let first = Generators.words(words, index: 0, count: 2, descriptor: 9)
        let second = Generators.words(words, index: 1, count: 2, descriptor: 9)
        #expect(
            first == [
                "--people", "20", "--server-pid", "7", "--resume", "--share", "0/2",
                "--start-descriptor", "9",
            ])
        #expect(
            second == ["--people", "20", "--resume", "--share", "1/2", "--start-descriptor", "9"])
    }
}
