import Testing

@testable import EventLoop

@Suite struct SocketSlotsTests {
    @Test func `ids of a record's earlier uses are stale`() {
        var slots = SocketSlots()
        defer { slots.deallocate() }
        let first = slots.take()
        first.state = .open
        let old = first.id
        let found = slots.find(old) != nil
        slots.put(first)
        let afterwards = slots.find(old) != nil
        let second = slots.take()
        second.state = .open
        let later = slots.find(old) != nil
        #expect([found, afterwards, later] == [true, false, false])
        #expect(second.id.slot == old.slot)
        #expect(second.id.generation == old.generation + 1)
    }

    @Test func `records stay where they are while the table grows, and are counted`() {
        var slots = SocketSlots()
        defer { slots.deallocate() }
        let taken = (0..<1_000).map { _ in
            let record = slots.take()
            record.state = .open
            return record
        }
        let ids = Set(taken.map(\.id))
        let found = taken.filter { slots.find($0.id) == $0 }.count
        #expect(ids.count == 1_000)
        #expect(found == 1_000)
        #expect(slots.count == 1_000)
        var visited = 0
        slots.visit { _ in visited += 1 }
        #expect(visited == 1_000)
        for record in taken { slots.put(record) }
        #expect(slots.count == 0)
        #expect(slots.capacity == 1_024)
    }

    @Test func `an id that was never given out names nothing`() {
        var slots = SocketSlots()
        defer { slots.deallocate() }
        let beforeAny = slots.find(SocketID(slot: 0, generation: 1)) != nil
        slots.take().state = .open
        let free = slots.find(SocketID(slot: 1, generation: 1)) != nil
        let beyond = slots.find(SocketID(slot: .max, generation: 1)) != nil
        #expect([beforeAny, free, beyond] == [false, false, false])
    }
}
