import Testing

@testable import EventLoop

@Suite struct SocketSlotsTests {
    @Test func `ids of a record's earlier uses are stale`() {
        var slots = SocketSlots()
        defer { slots.deallocate() }
        let first = slots.take()
        slots.set(first, .open)
        let old = first.id
        let found = slots.find(old) != nil
        slots.put(first)
        let afterwards = slots.find(old) != nil
        let second = slots.take()
        slots.set(second, .open)
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
            slots.set(record, .open)
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
        slots.set(slots.take(), .open)
        let free = slots.find(SocketID(slot: 1, generation: 1)) != nil
        let beyond = slots.find(SocketID(slot: .max, generation: 1)) != nil
        #expect([beforeAny, free, beyond] == [false, false, false])
    }

    @Test func `a slot has a descriptor to send to only while its socket is open`() {
        var slots = SocketSlots()
        defer { slots.deallocate() }
        let beforeAny = slots.openDescriptor(at: 0)
        let record = slots.take()
        let slot = record.id.slot
        record.descriptor = 7
        let states: [SocketState] = [.connecting, .open, .lingering, .closing]
        let found = states.map { state in
            slots.set(record, state)
            return slots.openDescriptor(at: slot)
        }
        slots.set(record, .open)
        slots.put(record)
        let afterwards = slots.openDescriptor(at: slot)
        let beyond = slots.openDescriptor(at: .max)
        #expect(beforeAny == nil)
        #expect(found == [nil, 7, nil, nil])
        #expect(afterwards == nil)
        #expect(beyond == nil)
    }
}
