import Synchronization
import Testing

@testable import EventLoop

@Suite struct LoopThreadTests {
    @Test func `joining waits until the closure has returned`() {
        let done = Flag()
        let thread = LoopThread.start(name: "a name longer than Linux keeps") {
            spin(for: .milliseconds(5))
            done.value.store(true, ordering: .releasing)
        }
        thread.join()
        let finished = done.value.load(ordering: .acquiring)
        #expect(finished)
    }
}

private final class Flag: Sendable {
    let value = Atomic(false)
}
