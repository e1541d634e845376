import Testing

@testable import rollcall_load

@Suite struct ShareTests {
    private func share(_ words: [String]) throws(UsageError) -> Share {
        try Share(try Options(words, for: CommonOptions.hidden))
    }

    @Test func `without a share everything is ours`() throws {
        let share = try share([])
        #expect(share == .all)
        #expect(!share.isPart)
    }

    @Test func `a share is read as it is told to a process`() throws {
        let share = try share(["--share", "2/3", "--start-descriptor", "7"])
        #expect(share == Share(index: 2, count: 3, startDescriptor: 7))
        #expect(share.isPart)
    }

    @Test(arguments: ["3/3", "-1/3", "0/65", "1", "a/b", "1/2/3"])
    func `a share that is none is refused`(text: String) {
        #expect(throws: UsageError.self) { try share(["--share=\(text)"]) }
    }

    @Test func `work is shared equally or not at all`() throws {
        let part = try Share(index: 1, count: 4).part(of: 100, "--people")
        #expect(part == 25)
        #expect(throws: UsageError.self) { try Share(index: 1, count: 3).part(of: 100, "--people") }
    }
}
