package import Basics
package import PubSub
package import RoomContract

/// The notifications of one person, `user:<id>`.
///
/// * Who may enter: that person, with any number of devices.
/// * What they may send: what they have read; pages of history.
/// * What is kept: every notification, for ever, and how far the person has read.
/// * Who hears it: all connections of the person.
/// * Limits: those of the connection.
///
/// Notifications are written by the platform, with `rollcall.notify` in its own transaction.
package struct PersonRoom: Room {
    package static let traits = RoomTraits(
        topicPrefix: "user", isDurable: true, presence: .off, postEvent: "notification:new",
        unreadEvent: "notification:unread")

    private let person: String

    package init(topic: TopicName) {
        person = String(topic.identifier)
    }

    package func admit(
        _ identity: Identity, facts: AccessFacts, request: JoinRequest
    ) throws(Refusal) -> Admission {
        guard let claimant = identity.person else {
            throw Refusal(.signInRequired, "an anonymous key has no notifications")
        }
        // Compared as bytes: Swift's String equality would call two spellings of one name equal.
        guard claimant.utf8.elementsEqual(person.utf8) else {
            throw Refusal(.notPermitted, "only the person itself may join its notifications")
        }
        return Admission(role: facts.role, name: facts.name, presence: nil)
    }

    package mutating func handle(
        _ command: Command, from member: Member, at now: Instant
    ) throws(Refusal) -> [Effect] {
        switch command.event {
        case "notification:read":
            [.markRead(through: try command.object().seq(ofPosition: "through"))]
        case "history":
            [.history(try command.object().historyPage())]
        default:
            throw Refusal(
                .unknownEvent, "a person's topic knows notification:read and history")
        }
    }
}
