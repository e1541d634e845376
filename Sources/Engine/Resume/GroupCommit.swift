package import Basics

/// The writer of one loop's topics: one batch in flight, the next one gathering meanwhile, so
/// that the size of a batch follows the load.
///
///     idle ──submit──▶ committing ──completed, more gathered──▶ committing …
///       ▲                  │  └──rejected: its halves first, then what gathered
///       └───completed──────┘
///
/// *Idle*: nothing waits. *Committing*: exactly one batch is with the log; drafts gather behind it.
///
/// Every ticket is answered exactly once, and never before its outcome is known. Drafts of one
/// topic are committed in the order of their submission. A rejected batch is cut in halves, so
/// that one bad row harms only itself; an unavailable log answers for the batch it had, and for no
/// other.
///
/// *Limits*: ``Limits``. Beyond the capacity a draft is refused with a time to come back; nothing
/// is queued without bound.
package struct GroupCommit {
    /// A caller's name for one submission; the machine only hands it back.
    package struct Ticket: Hashable, Sendable {
        package let number: UInt64

        package init(number: UInt64) {
            self.number = number
        }
    }

    /// How much goes into a batch and how much may wait for one.
    package struct Limits: Sendable {
        /// 500: beyond it a batch takes longer without carrying more rows a second, and all in
        /// it wait for the slowest.
        package var batchDrafts = 500
        /// 1 MiB of bodies: keeps one statement's memory, and its time on the wire, small.
        package var batchBytes = 1 << 20
        /// 5,000 drafts are ten batches: about a tenth of a second of a healthy database.
        package var waitingDrafts = 5_000
        /// 8 MiB: eight full batches.
        package var waitingBytes = 8 << 20

        package init() {}
    }

    /// What the caller must do with a submission's outcome.
    package enum Submission: Equatable {
        /// It waits for the batch in flight.
        case gathering
        /// Give this batch to the log.
        case send([EntryDraft])
        /// The queue is full. The draft was not taken; the ticket is spent.
        case busy(retryAfter: Duration)
    }

    /// The end of one ticket.
    package struct Answer: Equatable {
        package let ticket: Ticket
        package let result: Result<AppendVerdict, StorageError>
    }

    /// What a completed batch leads to: answers to give, then the next batch for the log.
    package struct Completion: Equatable {
        package let answers: [Answer]
        package let next: [EntryDraft]?
    }

    private struct Item {
        let draft: EntryDraft
        let ticket: Ticket
    }

    private enum State {
        case idle
        case committing([Item], since: Instant)
    }

    private let limits: Limits
    private var state = State.idle
    /// Parts of a rejected batch, the earliest last; they go before whatever gathers.
    private var parts: [[Item]] = []
    private var gathered: [Item] = []
    private var gatheredBytes = 0
    /// How long the last batch took, for the time a refused draft is told.
    private var lastCommit: Duration = .milliseconds(10)

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Drafts that wait behind the batch in flight.
    package var waitingDrafts: Int { gathered.count }

    /// True while a batch is with the log.
    package var isCommitting: Bool {
        switch state {
        case .idle: false
        case .committing: true
        }
    }

    /// Gives up what waits behind the batch in flight, because the log cannot be reached and may
    /// not be for long. Nothing of it was ever given to the log, so its senders may be told so.
    ///
    /// The batch in flight stays: its outcome is not known, and will be.
    package mutating func giveUpWaiting() -> [Answer] {
        let answers = gathered.map { Answer(ticket: $0.ticket, result: .failure(.unavailable)) }
        gathered = []
        gatheredBytes = 0
        return answers
    }

    /// Takes a draft, or refuses it because too many wait.
    package mutating func submit(
        _ draft: EntryDraft, ticket: Ticket, at now: Instant
    ) -> Submission {
        let item = Item(draft: draft, ticket: ticket)
        switch state {
        case .idle:
            return .send(commit([item], at: now))
        case .committing:
            guard gathered.count < limits.waitingDrafts,
                draft.body.count <= limits.waitingBytes - gatheredBytes
            else { return .busy(retryAfter: timeToDrain) }
            gathered.append(item)
            gatheredBytes += draft.body.count
            return .gathering
        }
    }

    /// Takes the log's answer to the batch in flight.
    package mutating func completed(
        _ result: Result<[AppendVerdict], StorageError>, at now: Instant
    ) -> Completion {
        guard case .committing(let batch, let since) = state else {
            preconditionFailure("an answer without a batch in flight")
        }
        state = .idle
        lastCommit = max(.zero, since.duration(to: now))
        let answers = conclude(batch, result)
        return Completion(answers: answers, next: nextBatch(at: now))
    }

    private mutating func conclude(
        _ batch: [Item], _ result: Result<[AppendVerdict], StorageError>
    ) -> [Answer] {
        switch result {
        case .success(let verdicts):
            precondition(verdicts.count == batch.count, "one verdict for each draft")
            return zip(batch, verdicts).map { Answer(ticket: $0.ticket, result: .success($1)) }
        case .failure(.rejected) where batch.count > 1:
            let middle = batch.count / 2
            parts.append(Array(batch[middle...]))
            parts.append(Array(batch[..<middle]))
            return []
        case .failure(let error):
            return batch.map { Answer(ticket: $0.ticket, result: .failure(error)) }
        }
    }

    private mutating func nextBatch(at now: Instant) -> [EntryDraft]? {
        if let part = parts.popLast() { return commit(part, at: now) }
        guard !gathered.isEmpty else { return nil }
        var count = 0
        var bytes = 0
        // A draft larger than a batch goes alone rather than never.
        while count < min(gathered.count, limits.batchDrafts) {
            let body = gathered[count].draft.body.count
            guard count == 0 || body <= limits.batchBytes - bytes else { break }
            bytes += body
            count += 1
        }
        let batch = Array(gathered[..<count])
        gathered.removeFirst(count)
        gatheredBytes -= bytes
        return commit(batch, at: now)
    }

    private mutating func commit(_ batch: [Item], at now: Instant) -> [EntryDraft] {
        state = .committing(batch, since: now)
        return batch.map(\.draft)
    }

    /// When about half of what waits should be gone, between 50 ms and 5 s.
    private var timeToDrain: Duration {
        let batches = gathered.count / max(1, limits.batchDrafts) + 1
        return min(max(lastCommit * batches / 2, .milliseconds(50)), .seconds(5))
    }
}
