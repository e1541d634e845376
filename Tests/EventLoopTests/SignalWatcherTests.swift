import Glibc
import Testing

@testable import EventLoop

@Suite struct SignalWatcherTests {
    @Test func `signals of the process arrive on the loop`() throws {
        try withLoop { loop in
            var arrived: [ProcessSignal] = []
            let watcher = try SignalWatcher(loop: loop) { signal in
                arrived.append(signal)
                if arrived.count == 3 { loop.stop() } else { next() }
            }
            func next() {
                kill(getpid(), ProcessSignal.allCases[arrived.count].number)
            }
            loop.perform { next() }
            loop.run()
            watcher.close()
            watcher.close()
            #expect(arrived == [.terminate, .interrupt, .hangup])
        }
    }

    @Test func `watching does not keep the loop running`() throws {
        let loop = EventLoop()
        var arrived = 0
        _ = try SignalWatcher(loop: loop, signals: [.hangup]) { _ in arrived += 1 }
        loop.run()
        loop.close()
        #expect(arrived == 0)
    }
}
