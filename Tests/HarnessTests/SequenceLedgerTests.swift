import Testing

@testable import rollcall_load

@Suite struct SequenceLedgerTests {
    private func totals(of numbers: [Int64], first: Int64 = 1, last: Int64) -> LedgerTotals {
        var ledger = SequenceLedger(first: first)
        for number in numbers { ledger.receive(number) }
        var totals = LedgerTotals()
        totals.add(ledger, through: last)
        return totals
    }

    @Test func `every number once and in order is 0, 0 and 0`() {
        let found = totals(of: [1, 2, 3, 4], last: 4)
        #expect(found == LedgerTotals(received: 4))
    }

    @Test func `a hole is lost`() {
        let found = totals(of: [1, 4, 5], last: 5)
        #expect(found == LedgerTotals(received: 3, lost: 2))
    }

    @Test func `a missing end is lost`() {
        let found = totals(of: [1, 2], last: 5)
        #expect(found == LedgerTotals(received: 2, lost: 3))
    }

    @Test func `a missing beginning is lost`() {
        let found = totals(of: [9, 10], first: 8, last: 10)
        #expect(found == LedgerTotals(received: 2, lost: 1))
    }

    @Test func `the same number again is a duplicate`() {
        let found = totals(of: [1, 2, 2, 1, 3], last: 3)
        #expect(found == LedgerTotals(received: 3, duplicated: 2))
    }

    @Test func `a late number is out of order and not lost`() {
        let found = totals(of: [1, 3, 2, 4], last: 4)
        #expect(found == LedgerTotals(received: 4, outOfOrder: 1))
    }

    @Test func `a late number that comes again is a duplicate`() {
        let found = totals(of: [1, 3, 2, 2], last: 3)
        #expect(found == LedgerTotals(received: 3, duplicated: 1, outOfOrder: 1))
    }

    @Test func `a hole filled from its middle leaves two`() {
        let found = totals(of: [1, 7, 4], last: 7)
        #expect(found == LedgerTotals(received: 3, lost: 4, outOfOrder: 1))
    }

    @Test func `a number before the beginning is a duplicate`() {
        let found = totals(of: [5, 6], first: 6, last: 6)
        #expect(found == LedgerTotals(received: 1, duplicated: 1))
    }

    @Test func `nothing received is everything lost, and of nothing nothing is lost`() {
        let silent = totals(of: [], first: 0, last: 9)
        let idle = totals(of: [], first: 8, last: 7)
        #expect(silent.lost == 10)
        #expect(idle.lost == 0)
    }
}
