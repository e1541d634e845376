import Resume

/// The way from one server to a ``MemoryDatabase`` and back, as slow and broken as a test wants.
///
/// Every request takes two turns: at the first it reaches the database, which does it whole or
/// not at all; at the second its answer arrives. In between the work is committed and the server
/// does not know it yet. Requests are done and answered in the order they were made, whatever
/// order the turns come in, as on one connection.
package final class MemoryLink {
    /// Calls the closure once, at any later time; at once is allowed too.
    package typealias Scheduler = (@escaping () -> Void) -> Void

    /// While false, requests that reach the database fail with ``StorageError/unavailable``.
    package var isUp = true

    private let schedule: Scheduler
    private var requests = Queue()
    private var answers = Queue()
    private var isClosed = false

    /// The default answers everything before the call returns.
    package init(schedule: @escaping Scheduler = { turn in turn() }) {
        self.schedule = schedule
    }

    /// Drops everything under way, as the death of the server would: what has not reached the
    /// database never will, and no answer arrives any more.
    package func close() {
        isClosed = true
        requests = Queue()
        answers = Queue()
    }

    func send<Value>(
        _ work: @escaping () throws(StorageError) -> Value,
        completion: @escaping (Result<Value, StorageError>) -> Void
    ) {
        guard !isClosed else { return }
        requests.append { [unowned self] in
            let result: Result<Value, StorageError> =
                isUp ? Result(catching: work) : .failure(.unavailable)
            answers.append { completion(result) }
            schedule { [weak self] in self?.answers.removeOldest()?() }
        }
        schedule { [weak self] in self?.requests.removeOldest()?() }
    }

    /// First in, first out.
    private struct Queue {
        private var waiting: [() -> Void] = []

        mutating func append(_ step: @escaping () -> Void) {
            waiting.append(step)
        }

        mutating func removeOldest() -> (() -> Void)? {
            waiting.isEmpty ? nil : waiting.removeFirst()
        }
    }
}
