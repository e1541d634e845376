import Basics
import Presence
import PubSub
import Resume
import RoomContract

/// One topic at its home: its room, its members, and how far its log was delivered.
///
///     new ──first join──▶ loadingHead ──head──▶ ready        (a room with a log)
///     new ──first join──▶ ready                              (a room without)
///
/// It lives while it has members, people in their grace, or somebody waiting to join.
final class HomeTopic {
    enum Phase {
        case new
        case loadingHead
        case ready
    }

    let name: TopicName
    let traits: RoomTraits
    var room: any Room
    var phase: Phase
    /// Delivery of the log; meaningful once ``phase`` is ready.
    var tail: TopicTail
    /// The head that was delivered, with its ordinal.
    var head: Head
    var members: [MemberID: Member] = [:]
    /// How many members each loop has, by loop.
    var interest: [Int]
    /// Joins that wait for the head or a cursor.
    var parked: [JoinMail] = []
    var presence: PresenceMap
    /// The key each member is shown under where it asks to be shown.
    var presenceKeys: [MemberID: String] = [:]
    /// How far people have read, where the room counts; only of people who are members.
    var cursors: [String: Cursor] = [:]

    enum Cursor {
        case loading
        case known(Int64)
    }

    init(name: TopicName, kind: RoomCatalog.Kind, loops: Int, presence: PresenceMap) {
        self.name = name
        self.presence = presence
        traits = kind.traits
        room = kind.make(name)
        phase = kind.traits.isDurable ? .new : .ready
        head = .empty
        tail = TopicTail(tail: 0)
        interest = Array(repeating: 0, count: loops)
    }

    var isUnused: Bool {
        members.isEmpty && parked.isEmpty && presence.count == 0
    }

    /// The members of one person.
    func members(of person: String) -> [Member] {
        members.values.filter { member in
            member.identity.person.map { $0.utf8.elementsEqual(person.utf8) } ?? false
        }
    }

    func add(_ member: Member) {
        members[member.id] = member
        interest[Int(member.id.loop)] += 1
    }

    @discardableResult
    func remove(_ id: MemberID) -> Member? {
        guard let member = members.removeValue(forKey: id) else { return nil }
        interest[Int(id.loop)] -= 1
        presenceKeys[id] = nil
        // Looking for the person's other members is linear: only where somebody counts.
        if !cursors.isEmpty, let person = member.identity.person, members(of: person).isEmpty {
            cursors[person] = nil
        }
        return member
    }
}
