import Basics
import EventLoop
import Foundation
import TestSupport
import Testing

@testable import Postgres

/// One connection against a real server.
@Suite(.serialized) struct PostgresConnectionTests {
    @Test func `statements are answered in the order they were given`() {
        withConnection { loop, connection in
            var answers: [Int64] = []
            for number in 1...20 {
                connection.execute(echo, [.int8(Int64(number))]) { result in
                    answers.append((try? result.get().int8(0, 0)) ?? -1)
                }
            }
            loop.wait { answers.count == 20 }
            #expect(answers == (1...20).map(Int64.init))
        }
    }

    @Test func `a refused statement leaves the connection usable`() throws {
        try withConnection { loop, connection in
            let divide = PostgresStatement("divide", "select 1 / $1::int4")
            let refused = loop.wait { connection.execute(divide, [.int4(0)], completion: $0) }
            guard case .failure(.server(let error)) = refused else {
                Issue.record("dividing by zero was answered")
                return
            }
            #expect(error.sqlState == "22012")
            #expect(!error.isRetryable)
            let answer = try loop.wait {
                connection.execute(divide, [.int4(1)], completion: $0)
            }.get()
            #expect(answer.int4(0, 0) == 1)
        }
    }

    @Test func `a statement that cannot be prepared is refused every time`() {
        withConnection { loop, connection in
            let wrong = PostgresStatement("wrong", "selec 1")
            for _ in 0..<2 {
                let result = loop.wait { connection.execute(wrong, completion: $0) }
                guard case .failure(.server(let error)) = result else {
                    Issue.record("nonsense was answered")
                    return
                }
                #expect(error.sqlState == "42601")
            }
        }
    }

    @Test func `a cancelled statement may be tried again`() {
        withConnection { loop, connection in
            let result = loop.wait {
                connection.run(
                    script: "set statement_timeout = 20; select pg_sleep(30)", completion: $0)
            }
            guard case .failure(.server(let error)) = result else {
                Issue.record("the timeout did nothing")
                return
            }
            #expect(error.sqlState == "57014")
            #expect(error.isRetryable)
        }
    }

    @Test func `a script is one transaction`() throws {
        try withConnection { loop, connection in
            let failed = loop.wait {
                connection.run(
                    script: "create table half (a int); select 1 / 0; select 2", completion: $0)
            }
            guard case .failure(.server) = failed else {
                Issue.record("the script did not fail")
                return
            }
            let exists = PostgresStatement("exists", "select to_regclass('half') is not null")
            let rows = try loop.wait { connection.execute(exists, completion: $0) }.get()
            #expect(!rows.bool(0, 0))
        }
    }

    @Test func `every type arrives and comes back as it is`() throws {
        try withConnection { loop, connection in
            let statement = PostgresStatement(
                "types",
                """
                select $1::text, $2::bool, $3::int4, $4::int8, $5::timestamptz, $6::int2[],
                       $7::int4[], $8::int8[], $9::bool[]::text, $10::uuid[]::text,
                       $11::bytea[]::text, $12::text[]::text, $13::text, $14::int8[],
                       'infinity'::timestamptz, '-infinity'::timestamptz
                """)
            let moment = Timestamp(microseconds: 1_763_632_974_120_001)
            let parameters: [PostgresParameter] = [
                .text("né"), .bool(true), .int4(.min), .int8(.max), .timestamp(moment),
                .int2Array([.min, -1, 0, .max]), .int4Array([.min, 7]), .int8Array([.min, 7]),
                .boolArray([true, false]), .uuidArray([PostgresUUID(firstOf: Array(0...15))]),
                .byteaArray([[0, 255], []]), .textArray(["a", ""]), .null, .int8Array([]),
            ]
            let rows = try loop.wait {
                connection.execute(statement, parameters, completion: $0)
            }.get()
            #expect(rows.text(0, 0) == "né")
            #expect(rows.bool(0, 1))
            #expect(rows.int4(0, 2) == .min)
            #expect(rows.int8(0, 3) == .max)
            #expect(rows.timestamp(0, 4) == moment)
            #expect(rows.integers(0, 5) == [Int64(Int16.min), -1, 0, Int64(Int16.max)])
            #expect(rows.integers(0, 6) == [Int64(Int32.min), 7])
            #expect(rows.integers(0, 7) == [.min, 7])
            #expect(rows.text(0, 8) == "{t,f}")
            #expect(rows.text(0, 9) == "{00010203-0405-0607-0809-0a0b0c0d0e0f}")
            #expect(rows.text(0, 10) == #"{"\\x00ff","\\x"}"#)
            #expect(rows.text(0, 11) == #"{a,""}"#)
            #expect(rows.optionalText(0, 12) == nil)
            #expect(rows.integers(0, 13) == [])
            #expect(rows.timestamp(0, 14).microseconds == .max)
            #expect(rows.timestamp(0, 15).microseconds == .min)
        }
    }

    @Test func `a zero byte in a text is refused, not cut off`() {
        withConnection { loop, connection in
            let statement = PostgresStatement("text", "select $1::text")
            let result = loop.wait {
                connection.execute(statement, [.text("a\u{0}b")], completion: $0)
            }
            guard case .failure(.server(let error)) = result else {
                Issue.record("a zero byte was taken")
                return
            }
            #expect(error.sqlState == "22021")
        }
    }

    @Test func `values larger than any buffer go through`() throws {
        try withConnection { loop, connection in
            let statement = PostgresStatement("text", "select $1::text")
            let text = String(repeating: "0123456789", count: 800_000)
            let rows = try loop.wait {
                connection.execute(statement, [.text(text)], completion: $0)
            }.get()
            let isSame = rows.text(0, 0) == text
            #expect(isSame)
        }
    }

    @Test func `a lost connection leaves one outcome unknown and the rest undone`() {
        withConnection { loop, connection in
            var first: PostgresError?
            var second: PostgresError?
            connection.run(script: "select pg_terminate_backend(pg_backend_pid())") { result in
                first = result.error
            }
            connection.execute(echo, [.int8(1)]) { result in second = result.error }
            loop.wait { first != nil && second != nil }
            #expect(first == .connectionLost)
            guard case .notConnected = second else {
                Issue.record("the second was answered with \(String(describing: second))")
                return
            }
        }
    }

    @Test func `a server that does not answer counts as lost`() {
        var options = options()
        options.answerTimeout = .seconds(1)
        withConnection(options) { loop, connection in
            let result = loop.wait {
                connection.run(script: "select pg_sleep(20)", completion: $0)
            }
            #expect(result.error == .connectionLost)
        }
    }

    @Test func `nobody there is said at once`() {
        let loop = EventLoop()
        defer { loop.close() }
        let options = PostgresOptions(address: "host=/nonexistent", applicationName: "test")
        var reason: String?
        let connection = PostgresConnection(loop: loop, options: options) { event in
            if case .ended(let text) = event { reason = text }
        }
        let result = loop.wait { connection.execute(echo, [.int8(1)], completion: $0) }
        loop.wait { reason != nil }
        guard case .failure(.notConnected) = result else {
            Issue.record("answered with \(result)")
            return
        }
        #expect(reason?.contains("/nonexistent") == true)
    }

    @Test(arguments: [
        "postgre://ana:secret@host/db", "postgresql://ana:secret@[host/db",
        "postgresql://ana:secret@host/db?x=1", "host=h password=secret x",
    ])
    func `an address that cannot be read is not repeated`(address: String) {
        let loop = EventLoop()
        defer { loop.close() }
        let options = PostgresOptions(address: address, applicationName: "test")
        let connection = PostgresConnection(loop: loop, options: options) { _ in }
        defer { connection.close() }
        let result = loop.wait { connection.execute(echo, [.int8(1)], completion: $0) }
        guard case .failure(.notConnected(let reason)) = result else {
            Issue.record("answered with \(result)")
            return
        }
        #expect(!reason.contains("secret") && !reason.isEmpty)
    }

    @Test func `a server that accepts and stays silent is given up`() throws {
        let listener = try SilentListener()
        defer { listener.close() }
        let loop = EventLoop()
        defer { loop.close() }
        var options = PostgresOptions(
            address: "host=\(listener.directory) user=x", applicationName: "test")
        options.connectTimeout = .milliseconds(50)
        var reason: String?
        let connection = PostgresConnection(loop: loop, options: options) { event in
            if case .ended(let text) = event { reason = text }
        }
        loop.wait { reason != nil }
        connection.close()
        #expect(reason?.hasPrefix("no connection within") == true)
    }

    @Test func `notifications arrive on the connection that listens`() {
        var channels: [String] = []
        let listen: (PostgresConnection.Event) -> Void = { event in
            if case .notification(let channel) = event { channels.append(channel) }
        }
        withConnection(onEvent: listen) { loop, listener in
            withConnection(on: loop) { speaker in
                _ = loop.wait { listener.run(script: "listen here", completion: $0) }
                _ = loop.wait {
                    speaker.run(script: "notify there; notify here, 'x'", completion: $0)
                }
                loop.wait { !channels.isEmpty }
                #expect(channels == ["here"])
            }
        }
    }

    @Test func `a completion may close the connection`() {
        withConnection { loop, connection in
            var errors: [PostgresError?] = []
            connection.execute(echo, [.int8(1)]) { result in
                errors.append(result.error)
                connection.close()
            }
            connection.execute(echo, [.int8(2)]) { result in errors.append(result.error) }
            loop.wait { errors.count == 2 }
            let late = loop.wait { connection.execute(echo, [.int8(3)], completion: $0) }
            guard case .failure(.notConnected) = late else {
                Issue.record("a closed connection answered \(late)")
                return
            }
        }
    }
}

private let echo = PostgresStatement("echo", "select $1::int8")

private func options() -> PostgresOptions {
    PostgresOptions(
        address: PostgresCluster.shared.address(of: "postgres"), applicationName: "test")
}

private func withConnection(
    _ options: PostgresOptions = options(),
    onEvent: @escaping (PostgresConnection.Event) -> Void = { _ in },
    _ body: (EventLoop, PostgresConnection) throws -> Void
) rethrows {
    let loop = EventLoop()
    defer { loop.close() }
    let connection = PostgresConnection(loop: loop, options: options, onEvent: onEvent)
    defer { connection.close() }
    try body(loop, connection)
}

private func withConnection(on loop: EventLoop, _ body: (PostgresConnection) -> Void) {
    let connection = PostgresConnection(loop: loop, options: options()) { _ in }
    defer { connection.close() }
    body(connection)
}

extension Result<PostgresRows, PostgresError> {
    fileprivate var error: PostgresError? {
        switch self {
        case .success: nil
        case .failure(let error): error
        }
    }
}

/// Listens where libpq looks for PostgreSQL, and never says anything.
private struct SilentListener {
    let directory: String
    private let descriptor: Int32

    init() throws {
        directory = "/tmp/rollcall-silent-\(getpid())"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: "\(directory)/.s.PGSQL.5432".utf8)
        }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(descriptor, 1) == 0)
    }

    func close() {
        _ = Foundation.close(descriptor)
        try? FileManager.default.removeItem(atPath: directory)
    }
}
