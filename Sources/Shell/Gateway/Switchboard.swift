package import EventLoop
import Synchronization

/// The mailboxes of all loops, by index.
///
/// Filled while the loops start, read ever after. A post to a loop that is not there yet, or
/// no more, is dropped: nothing can have been promised to it.
package final class Switchboard: Sendable {
    private let mailboxes = Mutex<[Int: Mailbox<LoopGateway.Order>]>([:])

    package init() {}

    /// Makes a loop reachable. Once a loop, while it starts.
    package func connect(_ loop: Int, _ mailbox: Mailbox<LoopGateway.Order>) {
        mailboxes.withLock { $0[loop] = mailbox }
    }

    /// From any thread. Cost: two uncontended locks, and a wake-up when the mailbox was empty.
    package func post(_ loop: Int, _ order: LoopGateway.Order) {
        let mailbox = mailboxes.withLock { $0[loop] }
        mailbox?.post(order)
    }
}
