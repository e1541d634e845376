import Basics
import EventLoop
import Postgres
import PubSub
import RoomContract
import TestSupport
import Testing

@testable import PostgresStorage

/// What the tail makes of an absence.
@Suite(.serialized) struct AccessTailTests {
    @Test func `a server that was away too long forgets everything`() {
        let changes = changesAfterAbsence(trusted: .seconds(2))
        #expect(changes == [AccessChange(person: nil, topic: nil)])
    }

    @Test func `a server that was away for less hears exactly what changed`() {
        let changes = changesAfterAbsence(trusted: .seconds(600))
        #expect(changes == [AccessChange(person: "ana", topic: named("course:1"))])
    }

    /// Follows, is cut off for more than two seconds, in which one enrolment changes, and comes
    /// back.
    private func changesAfterAbsence(trusted: Duration) -> [AccessChange] {
        let world = PostgresWorld()
        defer { world.close() }
        var options = PostgresOptions(
            address: PostgresCluster.shared.address(of: world.database), applicationName: "tail")
        options.preamble = "listen \(AccessTail.channel)"
        var tail: AccessTail?
        let session = PostgresSession(loop: world.loop, options: options) { _ in tail?.wake() }
        defer { session.close() }
        var isFollowing = false
        var heard: [AccessChange] = []
        tail = AccessTail(loop: world.loop, session: session, longestAbsence: trusted) { event in
            switch event {
            case .changes(let changes): heard += changes
            case .isFollowing(let value): isFollowing = value
            case .epochChanged: Issue.record("the epoch did not change")
            }
        }
        defer { tail?.close() }
        world.loop.wait { isFollowing }
        world.sqlElsewhere("alter database \(world.database) with allow_connections false")
        world.sqlElsewhere(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = '\(world.database)'
            """)
        world.loop.wait { !isFollowing }
        let _: Bool = world.loop.wait { completion in
            world.loop.schedule(after: .milliseconds(2_100)) { completion(true) }
        }
        heard = []
        world.sqlElsewhere("alter database \(world.database) with allow_connections true")
        world.sql(
            "insert into rollcall.access_changes (person, topic) values ('ana', 'course:1')")
        world.loop.wait { isFollowing && !heard.isEmpty }
        return heard
    }
}
