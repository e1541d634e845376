import CLibuv
import Glibc

/// A thread of the operating system that runs one closure, usually a loop's whole life.
///
/// Not a task of Swift's pool: a loop sleeps in the kernel, which would hold a pool thread.
package struct LoopThread: Sendable {
    /// `pthread_t` is a plain number on Linux.
    private let identifier: pthread_t

    /// Starts a thread. Linux shows the first 15 bytes of `name` in `top -H`.
    ///
    /// A machine that cannot start another thread cannot run the server: that ends the process.
    package static func start(
        name: String, _ body: @escaping @Sendable () -> Void
    ) -> LoopThread {
        var identifier = pthread_t()
        let start = Unmanaged.passRetained(ThreadStart(body)).toOpaque()
        let status = pthread_create(&identifier, nil, runThread, start)
        precondition(status == 0, "pthread_create failed with \(status)")
        pthread_setname_np(identifier, String(decoding: name.utf8.prefix(15), as: UTF8.self))
        return LoopThread(identifier: identifier)
    }

    /// Waits until the closure has returned. Exactly once per thread, not on the thread itself.
    package func join() {
        pthread_join(identifier, nil)
    }
}

/// Carries the closure over the C interface; the new thread takes over the one reference.
private final class ThreadStart {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private nonisolated func runThread(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let start else { return nil }
    Unmanaged<ThreadStart>.fromOpaque(start).takeRetainedValue().body()
    return nil
}
