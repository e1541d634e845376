package import Basics
package import PubSub
package import Resume

/// What a person is in a course or to the platform.
package enum Role: String, Sendable, CaseIterable {
    case student, assistant, instructor, agent, admin
}

/// One question to the directory: what is this person to this topic?
package struct AccessQuery: Hashable, Sendable {
    /// The `sub` of the access token.
    package let person: String
    package let topic: TopicName

    package init(person: String, topic: TopicName) {
        self.person = person
        self.topic = topic
    }

    /// How many questions one request takes: a loop's turn in a storm of joins, at about 20 µs of
    /// the database's time each. More is the caller's mistake and traps.
    package static let mostPerRequest = 1_000

    /// Byte for byte, as the database compares people's ids.
    package static func == (left: AccessQuery, right: AccessQuery) -> Bool {
        left.person.utf8.elementsEqual(right.person.utf8) && left.topic == right.topic
    }

    package func hash(into hasher: inout Hasher) {
        for byte in person.utf8 { hasher.combine(byte) }
        hasher.combine(topic)
    }
}

/// What the database says about one person and one topic.
package struct AccessFacts: Sendable, Equatable {
    /// The role in the topic's course; nil when there is no current enrolment (or none is needed).
    package let role: Role?
    /// The name others see; nil for a person without a profile.
    package let name: String?
    /// False when the course behind the topic does not exist.
    package let topicExists: Bool
    /// When these facts end by themselves (an enrolment's end date); nil for never.
    package let validUntil: Timestamp?

    package init(role: Role?, name: String?, topicExists: Bool, validUntil: Timestamp?) {
        self.role = role
        self.name = name
        self.topicExists = topicExists
        self.validUntil = validUntil
    }
}

/// Where the facts about people come from, in bulk.
package protocol AccessDirectory: AnyObject {
    /// Facts for 1 to ``AccessQuery/mostPerRequest`` queries, in the order asked.
    func facts(
        for queries: [AccessQuery],
        completion: @escaping (Result<[AccessFacts], StorageError>) -> Void)
}

/// A change of facts that somebody committed.
package struct AccessChange: Hashable, Sendable {
    /// Nil: everybody in `topic`.
    package let person: String?
    /// Nil: everything about `person`. Both nil: forget all that is cached.
    package let topic: TopicName?

    package init(person: String?, topic: TopicName?) {
        self.person = person
        self.topic = topic
    }
}

/// How far each person has read each topic, as an ordinal.
package protocol CursorStore: AnyObject {
    /// The person's cursor in `topic`; 0 when they never read it.
    func cursor(
        of person: String, in topic: TopicName,
        completion: @escaping (Result<Int64, StorageError>) -> Void)

    /// Moves the cursor forward to `ordinal` (never back, and never beyond the topic's head) and
    /// answers where it now stands: 0 in a topic in which nothing was said.
    func advanceCursor(
        of person: String, in topic: TopicName, to ordinal: Int64,
        completion: @escaping (Result<Int64, StorageError>) -> Void)
}
