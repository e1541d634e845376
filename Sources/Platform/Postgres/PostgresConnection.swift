import Basics
import CLibpq
package import EventLoop

/// One connection to PostgreSQL, confined to its loop.
///
///     connecting ──▶ ready ──▶ closed
///          └──────────────────────▲
///
/// Statements are answered in the order they were given, one under way at a time. A result is
/// delivered only when the server is ready for the next statement, because only then has the
/// transaction been committed: rows alone prove nothing (libpq, `PQgetResult`).
///
/// A host name is looked up by libpq, which blocks the loop meanwhile; addresses, sockets and
/// `/etc/hosts` do not.
package final class PostgresConnection {
    /// Hears the outcome once, on the loop, in a later turn or at once when nothing can be sent.
    package typealias Completion = (Result<PostgresRows, PostgresError>) -> Void

    /// What the connection says about itself.
    package enum Event {
        case connected
        /// Nothing comes after this. The text is libpq's, for the log.
        case ended(String)
        case notification(channel: String)
    }

    private enum State { case connecting, ready, closed }

    private enum Command {
        /// Any number of commands, one transaction together unless they say otherwise.
        case script(String)
        case statement(PostgresStatement, [PostgresParameter])
    }

    private struct Request {
        let command: Command
        let completion: Completion
    }

    /// The request that the server is working on.
    private struct Flight {
        let request: Request
        /// True while the statement is only being prepared, which has no effects.
        var isPreparing: Bool
        var outcome: Result<PostgresRows, PostgresError>?
        let sentAt: Instant
    }

    private let loop: EventLoop
    private let options: PostgresOptions
    private let onEvent: (Event) -> Void
    /// Owned from `PQconnectStartParams` until `PQfinish` in `end`.
    private var raw: OpaquePointer?
    private var state = State.connecting
    private var poller: Poller?
    private var watchdog: LoopTimer?
    private var waiting: [Request] = []
    private var flight: Flight?
    private var prepared: Set<String> = []

    /// Starts connecting. `onEvent` is never called before this returns.
    package init(
        loop: EventLoop, options: PostgresOptions, onEvent: @escaping (Event) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.onEvent = onEvent
        raw = options.startConnecting()
        PQsetNoticeProcessor(raw, ignoreNotice, nil)
        watchdog = loop.schedule(after: options.connectTimeout) { [weak self] in
            self?.end("no connection within \(self?.options.connectTimeout ?? .zero)")
        }
        loop.perform { [weak self] in self?.beginConnecting() }
    }

    deinit {
        watchdog?.cancel()
        poller?.close()
        PQfinish(raw)
    }

    /// Carries out a statement, preparing it first if this connection has not seen it.
    package func execute(
        _ statement: PostgresStatement, _ parameters: [PostgresParameter] = [],
        completion: @escaping Completion
    ) {
        submit(Request(command: .statement(statement, parameters), completion: completion))
    }

    /// Carries out commands without parameters; the result is the last one's.
    package func run(script: String, completion: @escaping Completion) {
        submit(Request(command: .script(script), completion: completion))
    }

    /// Ends the connection. What waits is answered with an error; no event follows.
    package func close() {
        shutDown("closed by us")
    }

    private func submit(_ request: Request) {
        guard state != .closed else {
            request.completion(.failure(.notConnected("the connection is closed")))
            return
        }
        waiting.append(request)
        sendNext()
    }

    // MARK: Connecting

    private func beginConnecting() {
        guard state == .connecting else { return }
        guard PQstatus(raw) != CONNECTION_BAD else {
            end(lastError())
            return
        }
        watch(.writable)
    }

    private func continueConnecting() {
        switch PQconnectPoll(raw) {
        case PGRES_POLLING_READING: watch(.readable)
        case PGRES_POLLING_WRITING: watch(.writable)
        case PGRES_POLLING_OK: finishConnecting()
        default: end(lastError())
        }
    }

    private func finishConnecting() {
        guard PQsetnonblocking(raw, 1) == 0 else {
            end(lastError())
            return
        }
        state = .ready
        watchdog?.cancel()
        watchdog = loop.schedule(after: .seconds(1), repeating: .seconds(1)) { [weak self] in
            self?.checkPatience()
        }
        watch(.readable)
        onEvent(.connected)
        sendNext()
    }

    /// While connecting libpq may close its socket and open another under the same number, so
    /// each step watches afresh.
    private func watch(_ readiness: Readiness) {
        poller?.close()
        do throws(SystemError) {
            let poller = try Poller(loop: loop, descriptor: PQsocket(raw)) { [weak self] ready in
                self?.proceed(ready)
            }
            poller.watch(readiness)
            self.poller = poller
        } catch {
            poller = nil
            end(error.message)
        }
    }

    private func proceed(_ readiness: Readiness) {
        switch state {
        case .connecting: continueConnecting()
        case .ready:
            if readiness.contains(.readable) { receive() }
            if state == .ready { flush() }
        case .closed: break
        }
    }

    // MARK: Sending

    private func sendNext() {
        guard state == .ready, flight == nil, !waiting.isEmpty else { return }
        send(waiting.removeFirst())
    }

    private func send(_ request: Request) {
        let wasSent: Bool
        var isPreparing = false
        switch request.command {
        case .script(let script):
            wasSent = PQsendQuery(raw, script) == 1
        case .statement(let statement, let parameters) where prepared.contains(statement.name):
            wasSent = send(statement, parameters)
        case .statement(let statement, _):
            wasSent = PQsendPrepare(raw, statement.name, statement.sql, 0, nil) == 1
            isPreparing = true
        }
        flight = Flight(request: request, isPreparing: isPreparing, sentAt: loop.now)
        guard wasSent else {
            end(lastError())
            return
        }
        flush()
    }

    /// The parameters' bytes are lent to libpq for the length of the call; it copies them.
    private func send(_ statement: PostgresStatement, _ parameters: [PostgresParameter]) -> Bool {
        let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        var starts: [Int?] = []
        var joined: [UInt8] = []
        joined.reserveCapacity(lengths.reduce(1) { $0 + Int($1) })
        for parameter in parameters {
            starts.append(parameter.bytes == nil ? nil : joined.count)
            joined += parameter.bytes ?? []
        }
        // Never empty, so that it has an address, which tells an empty value from null.
        joined.append(0)
        return joined.withUnsafeBytes { memory in
            let base = memory.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = starts.map { start in start.flatMap { base?.advanced(by: $0) } }
            return PQsendQueryPrepared(
                raw, statement.name, Int32(parameters.count), values, lengths, formats, 1) == 1
        }
    }

    private func flush() {
        switch PQflush(raw) {
        case 0: poller?.watch(.readable)
        case 1: poller?.watch([.readable, .writable])
        default: end(lastError())
        }
    }

    // MARK: Receiving

    private func receive() {
        guard PQconsumeInput(raw) == 1 else {
            end(lastError())
            return
        }
        deliverNotifications()
        while state == .ready, flight != nil, PQisBusy(raw) == 0 {
            if let result = PQgetResult(raw) {
                keep(result)
            } else {
                finishFlight()
            }
        }
        if state == .ready, PQstatus(raw) == CONNECTION_BAD { end(lastError()) }
    }

    private func deliverNotifications() {
        while state == .ready, let notification = PQnotifies(raw) {
            let channel = String(cString: notification.pointee.relname)
            PQfreemem(notification)
            onEvent(.notification(channel: channel))
        }
    }

    /// Of several results the last counts, but an error counts for all.
    private func keep(_ result: OpaquePointer) {
        let rows = PostgresRows(owning: result)
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            if case .failure = flight?.outcome { return }
            flight?.outcome = .success(rows)
        case PGRES_FATAL_ERROR:
            flight?.outcome = .failure(error(of: result))
        case let status:
            preconditionFailure("a statement must not answer with \(status)")
        }
    }

    private func error(of result: OpaquePointer) -> PostgresError {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        // FATAL and PANIC end the connection, and with it any certainty: a commit may have been
        // done before. An error without severity is libpq's own, about the connection.
        guard field("V") == "ERROR", let sqlState = field("C") else { return .connectionLost }
        return .server(ServerError(sqlState: sqlState, message: field("M") ?? ""))
    }

    /// The server is ready for the next statement.
    private func finishFlight() {
        guard let flight else { return }
        self.flight = nil
        guard PQstatus(raw) != CONNECTION_BAD else {
            self.flight = flight
            end(lastError())
            return
        }
        let outcome = flight.outcome ?? .failure(.connectionLost)
        if flight.isPreparing, case .success = outcome,
            case .statement(let statement, _) = flight.request.command
        {
            prepared.insert(statement.name)
            send(flight.request)
            return
        }
        sendNext()
        flight.request.completion(outcome)
    }

    // MARK: Ending

    private func checkPatience() {
        guard let flight, flight.sentAt.duration(to: loop.now) > options.answerTimeout else {
            return
        }
        end("no answer within \(options.answerTimeout)")
    }

    private func end(_ reason: String) {
        guard state != .closed else { return }
        shutDown(reason)
        onEvent(.ended(reason))
    }

    private func shutDown(_ reason: String) {
        guard state != .closed else { return }
        state = .closed
        watchdog?.cancel()
        poller?.close()
        poller = nil
        PQfinish(raw)
        raw = nil
        if let flight {
            self.flight = nil
            let error: PostgresError = flight.isPreparing ? .notConnected(reason) : .connectionLost
            flight.request.completion(.failure(error))
        }
        let abandoned = waiting
        waiting = []
        for request in abandoned {
            request.completion(.failure(.notConnected(reason)))
        }
    }

    /// Without the address, which libpq quotes when it cannot read it: it may hold a password.
    private func lastError() -> String {
        guard let message = PQerrorMessage(raw) else { return "out of memory" }
        var text = String(cString: message)
        if !options.address.isEmpty {
            text = text.replacing(options.address, with: "the connection string")
        }
        let lines = text.split(separator: "\n")
        return lines.isEmpty ? "the connection ended" : lines.joined(separator: "; ")
    }
}

/// Notices are for people at a terminal; libpq would print them on standard error.
private nonisolated func ignoreNotice(_: UnsafeMutableRawPointer?, _: UnsafePointer<CChar>?) {}
