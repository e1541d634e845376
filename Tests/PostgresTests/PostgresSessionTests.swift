import EventLoop
import TestSupport
import Testing

@testable import Postgres

@Suite(.serialized) struct PostgresSessionTests {
    @Test func `the wait doubles from 50 ms up to 3.2 s`() {
        let waits = (0..<9).map { PostgresSession.delay(afterFailures: $0, jitter: 0) }
        let expected = [50, 100, 200, 400, 800, 1_600, 3_200, 3_200, 3_200]
        #expect(waits == expected.map { .milliseconds($0) })
    }

    @Test func `chance takes off up to half of the wait`() {
        let shortest = PostgresSession.delay(afterFailures: 0, jitter: 1)
        #expect(shortest == .milliseconds(25))
    }

    @Test func `a lost connection comes back with its settings and statements`() throws {
        let loop = EventLoop()
        defer { loop.close() }
        var options = PostgresOptions(
            address: PostgresCluster.shared.address(of: "postgres"), applicationName: "test")
        options.preamble = "set work_mem = '5MB'"
        var ups = 0
        var downs = 0
        let session = PostgresSession(loop: loop, options: options) { event in
            switch event {
            case .up: ups += 1
            case .down: downs += 1
            case .notification: break
            }
        }
        defer { session.close() }
        let setting = PostgresStatement("setting", "select current_setting('work_mem')")
        let early = loop.wait { session.execute(setting, completion: $0) }
        guard case .failure(.notConnected) = early else {
            Issue.record("answered without a connection: \(early)")
            return
        }
        for round in 1...3 {
            loop.wait { ups == round }
            let rows = try loop.wait { session.execute(setting, completion: $0) }.get()
            #expect(rows.text(0, 0) == "5MB")
            session.run(script: "select pg_terminate_backend(pg_backend_pid())") { _ in }
            loop.wait { downs == round }
            #expect(!session.isUp)
        }
    }

    @Test func `a preamble that is refused counts as no connection`() {
        let loop = EventLoop()
        defer { loop.close() }
        var options = PostgresOptions(
            address: PostgresCluster.shared.address(of: "postgres"), applicationName: "test")
        options.preamble = "set no_such_setting = 1"
        var reasons: [String] = []
        let session = PostgresSession(loop: loop, options: options) { event in
            if case .down(let reason) = event { reasons.append(reason) }
        }
        loop.wait { reasons.count == 2 }
        session.close()
        #expect(reasons.allSatisfy { $0.contains("no_such_setting") })
        #expect(!session.isUp)
    }
}
