/// One presence of a key as others see it: usually one open channel on one device.
package struct PresenceMeta: Sendable, Equatable {
    /// Names this meta and its state; a change of state gets a new one. Never used twice.
    package let ref: String
    /// The ref that this one takes the place of, in the diff and afterwards.
    package let previousRef: String?
    package let state: PresenceState
}

/// The metas of one key.
package struct PresenceGroup: Sendable, Equatable {
    package let key: String
    package internal(set) var metas: [PresenceMeta]
}

/// What changed since the last diff.
///
/// An update is a leave of the old meta and a join of the new one, of the same key, as Phoenix
/// writes it. A meta is never in both.
package struct PresenceDiff: Sendable, Equatable {
    package let joins: [PresenceGroup]
    package let leaves: [PresenceGroup]
}

/// A caller's name for a member; it says nothing about connections, so that a member may come
/// back on another one.
package struct PresenceMember: Hashable, Sendable {
    package let number: UInt64

    package init(number: UInt64) {
        self.number = number
    }
}
