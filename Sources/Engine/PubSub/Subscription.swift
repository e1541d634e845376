/// One channel of one connection that hears one topic: what a delivery needs, and nothing else.
///
/// 24 bytes without references, so that a walk over 10,000 of them reads 240 kB in a row and
/// touches no reference count.
package struct Subscription: Sendable, Equatable {
    /// What the owner of a subscription marks it with; the engine only carries the bits.
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// True when all of `other` are set. Written out, because the one that `OptionSet` gives
        /// was called through its witness table from another module.
        package func contains(_ other: Flags) -> Bool {
            rawValue & other.rawValue == other.rawValue
        }

        /// Replay is under way: live entries pass it by, because replay will bring them.
        package static let catchingUp = Flags(rawValue: 1 << 0)
        /// The subscriber wants its own ephemeral events back.
        package static let hearsItself = Flags(rawValue: 1 << 1)
        /// The subscriber asked for presence.
        package static let wantsPresence = Flags(rawValue: 1 << 2)
        /// A presence diff was discarded: the next thing it needs is a whole state.
        package static let presenceIsStale = Flags(rawValue: 1 << 3)
    }

    /// The `seq` of the last entry handed to the connection's outbox; later ones are still owed.
    package var position: Int64
    /// The connection's slot on its loop.
    package let connection: UInt32
    /// Which of the connection's channels this is; the connection chooses the number.
    package let channel: UInt32
    /// Given by the table when it subscribes.
    package internal(set) var id: SubscriptionID
    /// The wire dialect, so that every dialect is encoded once a walk.
    package let dialect: UInt8
    package var flags: Flags

    package init(
        connection: UInt32, channel: UInt32, dialect: UInt8, flags: Flags = [], position: Int64 = 0
    ) {
        self.position = position
        self.connection = connection
        self.channel = channel
        self.id = .none
        self.dialect = dialect
        self.flags = flags
    }

    /// True for the empty place that a leaver left behind during a walk.
    var isTombstone: Bool { id == .none }
}

/// Names a subscription on its loop from subscribing to unsubscribing; used again afterwards.
package struct SubscriptionID: Hashable, Sendable {
    let number: UInt32

    /// No subscription.
    static let none = SubscriptionID(number: .max)
}
