import Basics

/// The sockets that linger, in the order of their deadlines, which is the order of asking
/// because all linger equally long. One timer serves them all.
struct LingerQueue {
    private var waiting: [(id: SocketID, deadline: Instant)] = []
    private var first = 0

    /// The sweep that is under way; it keeps the table alive until it ran.
    var timer: LoopTimer?

    var nextDeadline: Instant? {
        first < waiting.count ? waiting[first].deadline : nil
    }

    mutating func append(_ id: SocketID, until deadline: Instant) {
        waiting.append((id, deadline))
    }

    /// The next socket whose time is over, if any. It may be long gone.
    mutating func takeDue(at now: Instant) -> SocketID? {
        guard let deadline = nextDeadline, deadline <= now else { return nil }
        defer {
            first += 1
            if first == waiting.count {
                waiting = []
                first = 0
            }
        }
        return waiting[first].id
    }
}
