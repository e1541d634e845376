import EventLoop
import Glibc

extension CommonOptions {
    /// The line by which a generator process says that its people are in.
    static let readyLine = #"{"event":"ready"}"#

    /// Calls `begin` after the quiet time (`--settle`), which starts when the people of all
    /// generator processes are in.
    func whenAllAreReady(on loop: EventLoop, _ begin: @escaping () -> Void) {
        guard let descriptor = share.startDescriptor else {
            loop.schedule(after: settle, begin)
            return
        }
        Terminal.print("\(CommonOptions.readyLine)\n")
        let settle = settle
        let barrier = Barrier()
        do throws(SystemError) {
            // The poller keeps the barrier until it opens, or until the loop closes.
            barrier.poller = try Poller(loop: loop, descriptor: descriptor) { _ in
                barrier.poller?.close()
                barrier.poller = nil
                loop.schedule(after: settle, begin)
            }
            barrier.poller?.watch(.readable)
        } catch {
            preconditionFailure("the start descriptor is not one of ours: \(error.message)")
        }
    }
}

/// Holds what waits for the other processes.
private final class Barrier {
    var poller: Poller?
}
