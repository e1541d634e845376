import CLibuv
import Synchronization

/// Carries messages from any thread to one loop.
///
/// What one thread posts arrives in the order it was posted; what several threads post is
/// interleaved somehow. A mailbox has no bound of its own: its senders are our own loops, which
/// bound what they have under way.
///
/// Cost: a lock and an append; a system call only when the mailbox was empty.
package final class Mailbox<Message: Sendable>: Sendable {
    private struct Contents {
        var messages: [Message] = []
        var isOpen = true
    }

    private let contents = Mutex(Contents())

    /// Owned by the loop, which frees it some time after `isOpen` became false. Touched only
    /// under the lock while `isOpen` holds: that is what keeps `post` off freed memory.
    private nonisolated(unsafe) let wakeUp: UnsafeMutablePointer<uv_async_t>

    /// Opens a mailbox. Call it on the loop's thread, or before that thread runs the loop.
    ///
    /// `receive` is called on the loop with everything that waited, in order, never with an
    /// empty batch. An open mailbox keeps ``EventLoop/run()`` from returning.
    package init(loop: EventLoop, receive: @escaping ([Message]) -> Void) {
        precondition(!loop.isClosed, "a closed EventLoop cannot receive")
        let memory = HandleMemory<uv_async_t>()
        wakeUp = memory.pointer
        let status = uv_async_init(loop.raw, memory.pointer) { fire($0?.pointee.data) }
        precondition(status == 0, "uv_async_init failed")
        memory.retain(MailboxEnd(self, receive))
    }

    /// Adds a message; false when the mailbox is closed and the message was dropped. From any
    /// thread, also from the loop itself, where it arrives in a later turn.
    @discardableResult
    package func post(_ message: Message) -> Bool {
        contents.withLock { contents in
            guard contents.isOpen else { return false }
            if contents.messages.isEmpty { uv_async_send(wakeUp) }
            contents.messages.append(message)
            return true
        }
    }

    /// Drops what waits and takes nothing more. On the loop's own thread; repeating it changes
    /// nothing.
    package func close() {
        let wasOpen = contents.withLock { contents in
            defer { contents = Contents(messages: [], isOpen: false) }
            return contents.isOpen
        }
        guard wasOpen else { return }
        HandleMemory(wakeUp).close()
    }

    /// Takes what waits and leaves `spare`, whose capacity the next messages use.
    fileprivate func exchange(for spare: consuming [Message]) -> [Message] {
        let spare = spare
        return contents.withLock { contents in
            let messages = contents.messages
            contents.messages = spare
            return messages
        }
    }
}

/// The receiving end of a mailbox, confined to the loop.
private final class MailboxEnd<Message: Sendable>: LoopResource {
    private let mailbox: Mailbox<Message>
    private let receive: ([Message]) -> Void
    private var spare: [Message] = []

    init(_ mailbox: Mailbox<Message>, _ receive: @escaping ([Message]) -> Void) {
        self.mailbox = mailbox
        self.receive = receive
    }

    override func handleFired(status: Int32, events: Int32) {
        var batch = mailbox.exchange(for: spare)
        spare = []
        guard !batch.isEmpty else { return }
        receive(batch)
        guard batch.capacity <= keptCapacity else { return }
        batch.removeAll(keepingCapacity: true)
        spare = batch
    }

    override func closeHandles() {
        mailbox.close()
    }
}

/// How many messages' room a mailbox keeps between batches. 4,096 is well above an ordinary
/// turn's batch; after a burst beyond it the memory goes back.
private let keptCapacity = 4_096
