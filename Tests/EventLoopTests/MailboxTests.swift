import Synchronization
import Testing

@testable import EventLoop

@Suite struct MailboxTests {
    private struct Letter: Sendable {
        let sender: Int
        let number: Int
    }

    @Test func `messages of each sender arrive complete and in order under load`() {
        let each = 50_000
        withLoop { loop in
            var next = [0, 0]
            var isOrdered = true
            var batches = 0
            let mailbox = Mailbox<Letter>(loop: loop) { letters in
                batches += 1
                for letter in letters {
                    isOrdered = isOrdered && letter.number == next[letter.sender]
                    next[letter.sender] += 1
                }
                if next == [each, each] { loop.stop() }
            }
            let threads = (0..<2).map { sender in
                LoopThread.start(name: "sender \(sender)") {
                    for number in 0..<each {
                        mailbox.post(Letter(sender: sender, number: number))
                    }
                }
            }
            loop.run()
            for thread in threads { thread.join() }
            #expect(next == [each, each])
            #expect(isOrdered)
            #expect(batches <= 2 * each)
        }
    }

    @Test func `two loops hand a message back and forth`() {
        let rounds = 1_000
        withLoop { loop in
            let far = MailboxHolder()
            var last = 0
            let here = Mailbox<Int>(loop: loop) { numbers in
                last = numbers.last ?? last
                if last >= rounds {
                    loop.stop()
                } else {
                    far.value.withLock { _ = $0?.post(last) }
                }
            }
            let thread = EchoThread(to: here) { mailbox in
                far.value.withLock { $0 = mailbox }
                here.post(0)
            }
            loop.run()
            far.value.withLock { $0 = nil }
            thread.stop()
            #expect(last == rounds)
        }
    }

    @Test func `a message posted on the loop itself arrives in a later call`() {
        withLoop { loop in
            var batches: [[Int]] = []
            var mailbox: Mailbox<Int>?
            mailbox = Mailbox(loop: loop) { numbers in
                batches.append(numbers)
                if numbers == [1, 2] { mailbox?.post(3) } else { loop.stop() }
            }
            mailbox?.post(1)
            mailbox?.post(2)
            loop.run()
            #expect(batches == [[1, 2], [3]])
        }
    }

    @Test func `a closed mailbox takes nothing and drops what waited`() {
        withLoop { loop in
            var received = 0
            let mailbox = Mailbox<Int>(loop: loop) { received += $0.count }
            mailbox.post(1)
            mailbox.close()
            mailbox.close()
            let accepted = mailbox.post(2)
            loop.schedule(after: .milliseconds(5)) { loop.stop() }
            loop.run()
            #expect(!accepted)
            #expect(received == 0)
        }
    }

    @Test func `a mailbox may be posted to after its loop is gone`() {
        let loop = EventLoop()
        let mailbox = Mailbox<Int>(loop: loop) { _ in }
        loop.close()
        let accepted = mailbox.post(1)
        #expect(!accepted)
    }

    @Test func `senders that race the closing loop harm nothing`() {
        for _ in 0..<20 {
            let loop = EventLoop()
            let mailbox = Mailbox<Int>(loop: loop) { _ in }
            let thread = LoopThread.start(name: "sender") {
                for number in 0..<2_000 { mailbox.post(number) }
            }
            loop.schedule(after: .milliseconds(1)) { loop.stop() }
            loop.run()
            loop.close()
            thread.join()
            let accepted = mailbox.post(0)
            #expect(!accepted)
        }
    }
}

/// A second loop on its own thread that answers every number with the next one.
private struct EchoThread {
    private let thread: LoopThread
    private let stopping: MailboxHolder

    init(to reply: Mailbox<Int>, started: @escaping @Sendable (Mailbox<Int>) -> Void) {
        let holder = MailboxHolder()
        stopping = holder
        thread = LoopThread.start(name: "echo") {
            let loop = EventLoop()
            let inbox = Mailbox<Int>(loop: loop) { numbers in
                for number in numbers where number >= 0 { reply.post(number + 1) }
                if numbers.contains(where: { $0 < 0 }) { loop.stop() }
            }
            holder.value.withLock { $0 = inbox }
            started(inbox)
            loop.run()
            loop.close()
        }
    }

    func stop() {
        stopping.value.withLock { _ = $0?.post(-1) }
        thread.join()
    }
}

/// Lets two threads pass a mailbox on; a mutex itself cannot be captured by two closures.
private final class MailboxHolder: Sendable {
    let value = Mutex<Mailbox<Int>?>(nil)
}
