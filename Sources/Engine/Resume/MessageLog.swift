package import PubSub

/// Why storage did not do what was asked, and whether asking again may help.
package enum StorageError: Error, Sendable, Equatable {
    /// The database cannot be reached or is overloaded. Nothing was stored; trying again is safe.
    case unavailable
    /// The database refuses this input and always will. Nothing was stored. The text is for the
    /// log: it names the fault, never the contents.
    case rejected(String)
}

/// The most that one call of a ``MessageLog`` takes; more is the caller's mistake and traps.
package enum MessageLogLimit {
    /// Beyond 500 a batch takes longer without carrying more rows a second.
    package static let drafts = 500
    /// 1,000 heads are read in about a millisecond; a loop that hosts more topics asks in parts.
    package static let topics = 1_000
}

/// The durable log of every topic.
///
/// Promises, held to by one contract suite for every implementation:
/// * An answer to `append` means committed: a reader that asks afterwards sees it.
/// * Per topic `seq` is 1, 2, 3 … without gap or reuse, also with several writers at once.
/// * The same `(topic, sender, clientID)` is stored once, for ever, within a batch too.
/// * A batch is all or nothing; verdicts come in the order of the drafts.
/// * `append` never answers while the outcome of a commit is unknown: it asks again until it
///   knows. It may therefore take long; it fails only when nothing was stored.
///
/// It does not promise any order between topics, nor that a completion is called before the
/// function returns or after it; callers must allow for both. One batch of `append` at a time is
/// in flight per log. Confined to the loop that created it.
package protocol MessageLog: AnyObject {
    /// Appends 1 to ``MessageLogLimit/drafts`` drafts of any number of topics in one transaction.
    func append(
        _ batch: [EntryDraft],
        completion: @escaping (Result<[AppendVerdict], StorageError>) -> Void)

    /// The heads of 1 to ``MessageLogLimit/topics`` topics, in the order asked; ``Head/empty`` for
    /// an unknown topic.
    func heads(
        of topics: [TopicName], completion: @escaping (Result<[Head], StorageError>) -> Void)

    /// Entries with `range.lowerBound <= seq <= range.upperBound`, ascending, at most `limit`.
    func entries(
        of topic: TopicName, in range: ClosedRange<Int64>, limit: Int,
        completion: @escaping (Result<[Entry], StorageError>) -> Void)

    /// The newest `limit` entries with `seq < before`, ascending.
    func entries(
        of topic: TopicName, before: Int64, limit: Int,
        completion: @escaping (Result<[Entry], StorageError>) -> Void)
}
