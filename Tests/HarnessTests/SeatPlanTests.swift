import Testing

@testable import rollcall_load

@Suite struct SeatPlanTests {
    @Test func `seats are taken by all people in turns, each at most once in a course`() throws {
        let plan = try SeatPlan(rooms: 6, members: 2, people: 4)
        let courses = (0..<4).map { plan.courses(of: $0) }
        #expect(courses == [[0, 2, 4], [0, 2, 4], [1, 3, 5], [1, 3, 5]])
        let seats = courses.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
        #expect(seats == [0: 2, 1: 2, 2: 2, 3: 2, 4: 2, 5: 2])
    }

    @Test func `fewer people than a course has seats are refused, and more than there are seats`() {
        #expect(throws: UsageError.self) { try SeatPlan(rooms: 6, members: 4, people: 3) }
        #expect(throws: UsageError.self) { try SeatPlan(rooms: 1, members: 4, people: 5) }
    }

    @Test func `a person sits in 100 courses and in no more`() throws {
        let most = try SeatPlan(rooms: 100, members: 2, people: 2)
        #expect(most.courses(of: 0).count == 100)
        #expect(throws: UsageError.self) { try SeatPlan(rooms: 101, members: 2, people: 2) }
    }

    @Test func `as many courses are made as give everybody theirs`() throws {
        let plan = try SeatPlan(people: 200, topics: 3, members: 20)
        let everybody = Set((0..<200).map { plan.courses(of: $0).count })
        #expect(plan.rooms == 30)
        #expect(everybody == [3])
        #expect(throws: UsageError.self) { try SeatPlan(people: 200, topics: 3, members: 7) }
    }
}
