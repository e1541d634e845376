import Basics
package import EventLoop

/// A connection that comes back by itself, confined to its loop.
///
/// While there is none, statements fail at once with ``PostgresError/notConnected(_:)``; nothing
/// is queued for later, so whoever asks decides what waiting means.
package final class PostgresSession {
    /// What the session says about itself.
    package enum Event {
        /// Connected, and the preamble has run.
        case up
        /// Not connected any more, or an attempt failed; the next attempt is scheduled.
        case down(String)
        case notification(channel: String)
    }

    package private(set) var isUp = false

    private let loop: EventLoop
    private let options: PostgresOptions
    private let onEvent: (Event) -> Void
    private var connection: PostgresConnection?
    private var retry: LoopTimer?
    private var failures = 0
    private var isClosed = false

    /// Starts connecting. `onEvent` is never called before this returns.
    package init(
        loop: EventLoop, options: PostgresOptions, onEvent: @escaping (Event) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.onEvent = onEvent
        connect()
    }

    /// As ``PostgresConnection/execute(_:_:completion:)``; fails at once while there is no
    /// connection.
    package func execute(
        _ statement: PostgresStatement, _ parameters: [PostgresParameter] = [],
        completion: @escaping PostgresConnection.Completion
    ) {
        guard isUp, let connection else {
            completion(.failure(.notConnected("there is no connection at the moment")))
            return
        }
        connection.execute(statement, parameters, completion: completion)
    }

    /// As ``PostgresConnection/run(script:completion:)``; fails at once while there is no
    /// connection.
    package func run(script: String, completion: @escaping PostgresConnection.Completion) {
        guard isUp, let connection else {
            completion(.failure(.notConnected("there is no connection at the moment")))
            return
        }
        connection.run(script: script, completion: completion)
    }

    /// Ends the session for good; no event follows.
    package func close() {
        isClosed = true
        isUp = false
        retry?.cancel()
        connection?.close()
        connection = nil
    }

    private func connect() {
        connection = PostgresConnection(loop: loop, options: options) { [weak self] event in
            self?.handle(event)
        }
    }

    private func handle(_ event: PostgresConnection.Event) {
        switch event {
        case .connected:
            connection?.run(script: options.preamble) { [weak self] result in
                self?.finishPreamble(result)
            }
        case .ended(let reason):
            goDown(reason)
        case .notification(let channel):
            onEvent(.notification(channel: channel))
        }
    }

    private func finishPreamble(_ result: Result<PostgresRows, PostgresError>) {
        switch result {
        case .success:
            failures = 0
            isUp = true
            onEvent(.up)
        case .failure(.server(let error)):
            connection?.close()
            goDown(error.message)
        case .failure(.notConnected), .failure(.connectionLost):
            break  // The connection's end is reported as an event of its own.
        }
    }

    private func goDown(_ reason: String) {
        guard !isClosed else { return }
        isUp = false
        connection = nil
        let delay = PostgresSession.delay(
            afterFailures: failures, jitter: .random(in: 0..<1))
        failures += 1
        retry = loop.schedule(after: delay) { [weak self] in self?.connect() }
        onEvent(.down(reason))
    }

    /// How long to wait before the next attempt: 50 ms, doubled with every failure up to 3.2 s,
    /// of which up to half is taken off by chance so that servers do not come back in step.
    ///
    /// - Parameter jitter: 0 to 1.
    static func delay(afterFailures failures: Int, jitter: Double) -> Duration {
        .milliseconds(50 << min(failures, 6)) * (1 - jitter / 2)
    }
}
