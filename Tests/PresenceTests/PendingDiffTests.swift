import Testing

@testable import Presence

@Suite("Changes on their way into a diff")
struct PendingDiffTests {
    private func meta(_ ref: String) -> PresenceMeta {
        PresenceMeta(ref: ref, previousRef: nil, state: .empty)
    }

    @Test
    func `changes are grouped by key in the order of the first`() {
        var pending = PendingDiff()
        pending.join(meta("1"), key: "ana")
        pending.join(meta("2"), key: "ben")
        pending.join(meta("3"), key: "ana")
        let diff = pending.take()
        #expect(diff.joins.map(\.key) == ["ana", "ben"])
        #expect(diff.joins.first?.metas.map(\.ref) == ["1", "3"])
        #expect(pending.isEmpty)
    }

    @Test
    func `a leave takes back an unannounced join, and only that`() {
        var pending = PendingDiff()
        pending.join(meta("1"), key: "ana")
        #expect(pending.isUnannounced("1"))
        pending.leave(meta("1"), key: "ana")
        #expect(pending.isEmpty)
        pending.leave(meta("1"), key: "ana")
        #expect(pending.take().leaves.map(\.key) == ["ana"])
    }

    @Test
    func `flickering ten thousand times keeps what is left in order`() {
        var pending = PendingDiff()
        pending.join(meta("first"), key: "ana")
        for number in 0..<10_000 {
            pending.join(meta("\(number)"), key: "ben")
            pending.leave(meta("\(number)"), key: "ben")
        }
        pending.join(meta("last"), key: "eva")
        #expect(pending.take().joins.map(\.key) == ["ana", "eva"])
    }
}
