import Testing

@testable import Resume

@Suite("The recent entries of a topic")
struct RecentEntriesTests {
    private func filled(_ range: ClosedRange<Int64>) -> RecentEntries {
        var recent = RecentEntries()
        for seq in range { recent.append(entry(seq)) }
        return recent
    }

    @Test
    func `what is held is answered, and only when all of it is`() {
        let recent = filled(5...9)
        #expect(recent.entries(after: 4, through: 9) == entries(5...9))
        #expect(recent.entries(after: 6, through: 8) == entries(7...8))
        #expect(recent.entries(after: 3, through: 9) == nil)
        #expect(recent.entries(after: 4, through: 10) == nil)
    }

    @Test
    func `nothing is missing from an empty range`() {
        #expect(RecentEntries().entries(after: 7, through: 7) == [])
        #expect(RecentEntries().entries(after: 7, through: 8) == nil)
    }

    @Test
    func `128 entries are held and the oldest gives way to one more`() {
        var recent = filled(1...128)
        #expect(recent.entries(after: 0, through: 128)?.count == 128)
        recent.append(entry(129))
        #expect(recent.count == 128)
        #expect(recent.entries(after: 0, through: 129) == nil)
        #expect(recent.entries(after: 1, through: 129) == entries(2...129))
    }

    @Test
    func `256 KiB are held and the oldest give way to one byte more`() {
        let weight = RecentEntries.maximumBytes / 2
        let overhead = entry(1, bytes: 0).weight
        var recent = RecentEntries()
        recent.append(entry(1, bytes: weight - overhead))
        recent.append(entry(2, bytes: weight - overhead))
        #expect(recent.bytes == RecentEntries.maximumBytes)
        #expect(recent.count == 2)
        recent.append(entry(3, bytes: 0))
        #expect(recent.count == 2)
        #expect(recent.entries(after: 1, through: 3)?.map(\.seq) == [2, 3])
    }

    @Test
    func `an entry too large to hold leaves nothing, and the next begins afresh`() {
        var recent = filled(1...3)
        recent.append(entry(4, bytes: RecentEntries.maximumBytes))
        #expect(recent.count == 0)
        #expect(recent.bytes == 0)
        recent.append(entry(5))
        #expect(recent.entries(after: 4, through: 5) == [entry(5)])
    }

    @Test
    func `an entry behind a hole begins afresh`() {
        var recent = filled(1...3)
        recent.append(entry(5))
        #expect(recent.entries(after: 4, through: 5) == [entry(5)])
        #expect(recent.entries(after: 2, through: 5) == nil)
        #expect(recent.bytes == entry(5).weight)
    }

    @Test
    func `a repeated newest entry changes nothing`() {
        var recent = filled(1...3)
        recent.append(entry(3))
        #expect(recent.entries(after: 0, through: 3) == entries(1...3))
    }
}
