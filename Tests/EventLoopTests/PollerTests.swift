import Glibc
import Testing

@testable import EventLoop

@Suite struct PollerTests {
    @Test func `a readable descriptor is reported until it has been read`() throws {
        try withLoop { loop in
            let pair = SocketPair()
            var reports: [Readiness] = []
            var poller: Poller?
            poller = try Poller(loop: loop, descriptor: pair.near) { ready in
                reports.append(ready)
                if reports.count == 2 {
                    poller?.close()
                    loop.stop()
                }
            }
            poller?.watch(.readable)
            pair.writeFar("x")
            loop.run()
            #expect(reports == [.readable, .readable])
        }
    }

    @Test func `both directions are reported together and the empty set stops`() throws {
        try withLoop { loop in
            let pair = SocketPair()
            var reports: [Readiness] = []
            var poller: Poller?
            poller = try Poller(loop: loop, descriptor: pair.near) { ready in
                reports.append(ready)
                poller?.watch([])
            }
            pair.writeFar("x")
            poller?.watch([.readable, .writable])
            loop.schedule(after: .milliseconds(5)) { loop.stop() }
            loop.run()
            #expect(reports == [[.readable, .writable]])
        }
    }

    @Test func `a closed poller says nothing and may be asked again`() throws {
        try withLoop { loop in
            let pair = SocketPair()
            var reports = 0
            let poller = try Poller(loop: loop, descriptor: pair.near) { _ in reports += 1 }
            poller.watch(.writable)
            poller.close()
            poller.close()
            poller.watch(.writable)
            loop.schedule(after: .milliseconds(5)) { loop.stop() }
            loop.run()
            #expect(reports == 0)
        }
    }

    @Test func `closing lets go of the closure at once, also from inside it`() throws {
        try withLoop { loop in
            let pair = SocketPair()
            weak var watched: Witness?
            var poller: Poller?
            do {
                let witness = Witness()
                watched = witness
                poller = try Poller(loop: loop, descriptor: pair.near) { _ in
                    poller?.close()
                    _ = witness
                    loop.stop()
                }
            }
            poller?.watch(.writable)
            let held = watched != nil
            loop.run()
            let released = watched == nil
            #expect(held)
            #expect(released)
        }
    }

    @Test func `the far end closing is readable`() throws {
        try withLoop { loop in
            let pair = SocketPair()
            var seen: Readiness = []
            let poller = try Poller(loop: loop, descriptor: pair.near) { ready in
                seen = ready
                loop.stop()
            }
            poller.watch(.readable)
            pair.closeFar()
            loop.run()
            #expect(seen == .readable)
        }
    }

    @Test func `a descriptor that is not open is refused`() {
        withLoop { loop in
            let error = #expect(throws: SystemError.self) {
                _ = try Poller(loop: loop, descriptor: 1_000_000) { _ in }
            }
            #expect(error?.code == EBADF)
        }
    }
}

/// Two connected local sockets, closed with the value's last mention.
final class SocketPair {
    let near: Int32
    private var far: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let status = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        precondition(status == 0)
        near = ends[0]
        far = ends[1]
    }

    deinit {
        close(near)
        closeFar()
    }

    func writeFar(_ text: String) {
        let bytes = Array(text.utf8)
        let written = write(far, bytes, bytes.count)
        precondition(written == bytes.count)
    }

    func closeFar() {
        guard far >= 0 else { return }
        close(far)
        far = -1
    }
}
