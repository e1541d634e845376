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
    private var seats: [MemberID: Seat] = [:]
    /// How many members each loop has, by loop.
    var interest: [Int]
    /// Joins that wait for the head or a cursor.
    var parked: [JoinMail] = []
    var presence: PresenceMap
    /// How far people have read, where the room counts; only of people who are members.
    var cursors: [String: Cursor] = [:]

    /// A member without its id, which is the key it stands under.
    private struct Seat {
        let identity: Identity
        let role: Role?
        let name: String?
        /// The key it is shown under where it asks to be shown.
        let presenceKey: String?
    }

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
        seats.isEmpty && parked.isEmpty && presence.count == 0
    }

    var members: [Member] { seats.map { member($0.key, $0.value) } }

    func member(_ id: MemberID) -> Member? {
        seats[id].map { member(id, $0) }
    }

    /// The key a member is shown under when it asks for it; nil where rooms do not show by asking.
    func presenceKey(of id: MemberID) -> String? { seats[id]?.presenceKey }

    /// The members of one person.
    func members(of person: String) -> [Member] {
        seats.compactMap { id, seat in
            guard let other = seat.identity.person, other.utf8.elementsEqual(person.utf8) else {
                return nil
            }
            return member(id, seat)
        }
    }

    private func member(_ id: MemberID, _ seat: Seat) -> Member {
        Member(id: id, identity: seat.identity, role: seat.role, name: seat.name)
    }

    func add(_ member: Member, presenceKey: String?) {
        seats[member.id] = Seat(
            identity: member.identity, role: member.role, name: member.name,
            presenceKey: presenceKey)
        interest[Int(member.id.loop)] += 1
    }

    /// What the room says of a member changed.
    func update(_ id: MemberID, _ admission: Admission) {
        guard let seat = seats[id] else { return }
        seats[id] = Seat(
            identity: seat.identity, role: admission.role, name: admission.name,
            presenceKey: seat.presenceKey)
    }

    @discardableResult
    func remove(_ id: MemberID) -> Member? {
        guard let member = seats.removeValue(forKey: id).map({ member(id, $0) }) else { return nil }
        interest[Int(id.loop)] -= 1
        // Looking for the person's other members is linear: only where somebody counts.
        if !cursors.isEmpty, let person = member.identity.person, members(of: person).isEmpty {
            cursors[person] = nil
        }
        return member
    }
}
