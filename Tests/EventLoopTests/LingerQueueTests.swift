import Basics
import Testing

@testable import EventLoop

@Suite struct LingerQueueTests {
    @Test func `sockets are due in order, at their deadline and not before`() {
        var queue = LingerQueue()
        let ids = (0..<3).map { SocketID(slot: $0, generation: 1) }
        for (index, id) in ids.enumerated() {
            queue.append(id, until: Instant(nanoseconds: Int64(index) * 10))
        }
        let first = queue.takeDue(at: Instant(nanoseconds: 0))
        let early = queue.takeDue(at: Instant(nanoseconds: 9))
        let next = queue.nextDeadline
        let second = queue.takeDue(at: Instant(nanoseconds: 25))
        let third = queue.takeDue(at: Instant(nanoseconds: 25))
        let none = queue.takeDue(at: Instant(nanoseconds: 25))
        #expect([first, early, second, third, none] == [ids[0], nil, ids[1], ids[2], nil])
        #expect(next == Instant(nanoseconds: 10))
        #expect(queue.nextDeadline == nil)
    }
}
