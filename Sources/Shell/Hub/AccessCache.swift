package import Basics
package import RoomContract

/// What one loop knows about people and topics, and what it is asking the database.
///
///     unknown ──ask──▶ wanted ──takeBatch──▶ loading ──loaded──▶ known ──invalidated──▶ unknown
///                                               └──invalidated meanwhile──▶ wanted
///
/// Facts load in bulk, each question once at a time, however many wait for it. An answer whose
/// question was invalidated while it was on its way is thrown away and asked again, because it
/// may show the world before the change.
package struct AccessCache {
    private enum State {
        case wanted
        case loading(isStale: Bool)
        /// `until` nil: for ever, as far as is known.
        case known(AccessFacts, until: Timestamp?)
    }

    private var states: [AccessQuery: State] = [:]
    private var wanted: [AccessQuery] = []
    private var knownCount = 0

    package init() {}

    /// The most facts kept: 50,000 are some 20 MB and cover ten lectures of 5,000 people.
    package static let maximumKnown = 50_000

    /// How long an answer is believed at least. The database's clock says when facts end; where
    /// ours is ahead of it, an answer would be over as soon as it has come, and be asked for
    /// without end.
    package static let shortest: Duration = .seconds(1)

    /// The most questions of one query to the database.
    package static let maximumBatch = 1_000

    /// The facts, when they are known and still valid; otherwise they are wanted from now on.
    package mutating func facts(for query: AccessQuery, at now: Timestamp) -> AccessFacts? {
        switch states[query] {
        case .known(let facts, let until):
            if let until, until <= now {
                knownCount -= 1
                want(query)
                return nil
            }
            return facts
        case .wanted, .loading:
            return nil
        case nil:
            want(query)
            return nil
        }
    }

    /// The next questions to ask, at most ``maximumBatch``; empty when there are none.
    package mutating func takeBatch() -> [AccessQuery] {
        let batch = Array(wanted.prefix(Self.maximumBatch))
        wanted.removeFirst(batch.count)
        for query in batch { states[query] = .loading(isStale: false) }
        return batch
    }

    /// Takes the answers to a batch; returns the questions that are answered now.
    package mutating func loaded(
        _ batch: [AccessQuery], _ facts: [AccessFacts], at now: Timestamp
    ) -> [AccessQuery] {
        if knownCount + batch.count > Self.maximumKnown { forgetKnown() }
        var answered: [AccessQuery] = []
        for (query, facts) in zip(batch, facts) {
            guard case .loading(let isStale) = states[query] else { continue }
            if isStale {
                want(query)
            } else {
                let until = facts.validUntil.map { max($0, now.advanced(by: Self.shortest)) }
                states[query] = .known(facts, until: until)
                knownCount += 1
                answered.append(query)
            }
        }
        return answered
    }

    /// The database did not answer a batch; the questions are forgotten.
    package mutating func failed(_ batch: [AccessQuery]) {
        for query in batch {
            if case .loading = states[query] { states[query] = nil }
        }
    }

    /// Forgets what `change` touches, also what is being loaded.
    ///
    /// Cost: one look for a change of one person in one topic; otherwise a walk over all facts.
    package mutating func invalidate(_ change: AccessChange) {
        if let person = change.person, let topic = change.topic {
            invalidate(AccessQuery(person: person, topic: topic))
            return
        }
        for query in Array(states.keys)
        where (change.person ?? query.person) == query.person
            && (change.topic ?? query.topic) == query.topic
        {
            invalidate(query)
        }
    }

    private mutating func invalidate(_ query: AccessQuery) {
        switch states[query] {
        case .known:
            states[query] = nil
            knownCount -= 1
        case .loading: states[query] = .loading(isStale: true)
        case .wanted, nil: break
        }
    }

    private mutating func want(_ query: AccessQuery) {
        states[query] = .wanted
        wanted.append(query)
    }

    /// Forgetting everything is crude and rare: it costs each person one more question.
    private mutating func forgetKnown() {
        states = states.filter { _, state in
            if case .known = state { false } else { true }
        }
        knownCount = 0
    }
}
