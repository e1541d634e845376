/// Who sits in which course.
///
/// Seat `s` of all belongs to person `s mod people` and course `s / members`, so that turns go
/// round the people, not round one course. `LoadTests/prepare.sql` says the same in SQL.
struct SeatPlan: Equatable, Sendable {
    /// What a connection may join, as `Protocol/limits.json` has it.
    static let topicsPerConnection = 100

    let rooms: Int
    let members: Int
    let people: Int

    /// Refuses a plan in which somebody would sit twice in a course, or in too many.
    init(rooms: Int, members: Int, people: Int) throws(UsageError) {
        let seats = rooms * members
        guard people >= members, people <= seats else {
            throw UsageError(
                "\(people) people for \(rooms) courses of \(members): expected from \(members) to "
                    + "\(seats)")
        }
        guard seats <= people * SeatPlan.topicsPerConnection else {
            throw UsageError(
                "\(seats) seats on \(people) connections; each may join "
                    + "\(SeatPlan.topicsPerConnection) courses: use more people")
        }
        self.rooms = rooms
        self.members = members
        self.people = people
    }

    /// As many courses as give everybody `topics` of them.
    init(people: Int, topics: Int, members: Int) throws(UsageError) {
        guard people * topics % members == 0 else {
            throw UsageError(
                "\(people) people with \(topics) courses each do not fill courses of \(members): "
                    + "choose --members that divides \(people * topics)")
        }
        try self.init(rooms: people * topics / members, members: members, people: people)
    }

    var seats: Int { rooms * members }

    func courses(of person: Int) -> [Int] {
        stride(from: person, to: seats, by: people).map { $0 / members }
    }

    /// How to make it in the server's database, for messages.
    var preparation: String {
        "psql -v rooms=\(rooms) -v members=\(members) -v people=\(people) "
            + "-f LoadTests/prepare.sql DATABASE"
    }
}
