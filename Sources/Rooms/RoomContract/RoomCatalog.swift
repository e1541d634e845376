package import PubSub

/// The kinds of rooms a server has, found by the prefix of a topic.
package struct RoomCatalog: Sendable {
    private var kinds: [String: Kind] = [:]

    /// A kind of room: what is the same for all of them, and how to make one.
    package struct Kind: Sendable {
        package let traits: RoomTraits
        package let make: @Sendable (TopicName) -> any Room
    }

    package init() {}

    /// Adds a kind of room. Two kinds with one prefix are a mistake of the composition.
    package mutating func add<R: Room & SendableMetatype>(_ kind: R.Type) {
        add(kind) { R(topic: $0) }
    }

    /// Adds a kind of room that is made with more than its topic, such as rules from a file.
    package mutating func add<R: Room & SendableMetatype>(
        _ kind: R.Type, make: @escaping @Sendable (TopicName) -> R
    ) {
        let traits = R.traits
        precondition(kinds[traits.topicPrefix] == nil, "two rooms for \(traits.topicPrefix):")
        kinds[traits.topicPrefix] = Kind(traits: traits, make: make)
    }

    /// The kind that serves `topic`; nil for an unknown prefix or an empty identifier.
    package func kind(of topic: TopicName) -> Kind? {
        topic.identifier.isEmpty ? nil : kinds[String(topic.prefix)]
    }
}
