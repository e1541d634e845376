import EventLoop
import Postgres
import PostgresStorage
import PubSub
import Resume
import TestSupport
import Testing

/// PostgreSQL alone: what `append` answers when it cannot know at first.
@Suite(.serialized) struct UnknownOutcomeTests {
    private let course = named("course:1")

    @Test func `an answer lost after the commit is asked for again`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        let proxy = LossyProxy(
            target: PostgresCluster.shared.directory, marker: "lose my answer")
        defer { proxy.close() }
        let storage = PostgresUnderTest(
            loop: world.loop,
            address: "host=\(proxy.directory) user=rollcall dbname=\(world.database)")
        defer { storage.close() }
        world.loop.wait { storage.isReady }
        _ = try world.append([post("a", in: course)], to: storage)
        let verdicts = try world.append(
            [post("lose my answer", in: course), post("c", in: course)], to: storage)
        #expect(proxy.losses == 1)
        #expect(verdicts.map { $0.receipt?.seq } == [2, 3])
        #expect(verdicts.map { $0.receipt?.isRepeat } == [true, true])
        let head = try world.head(of: course, in: storage)
        #expect(head.seq == 3)
    }

    @Test func `an append that dies while it waits is carried out by the next connection`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        let storage = world.open()
        _ = try world.append([post("a", in: course)], to: storage)
        let blocker = HeadLock(world)
        var answer: Result<[AppendVerdict], StorageError>?
        storage.log.append([post("b", in: course)]) { answer = $0 }
        world.loop.wait { blocker.isWaitedFor }
        world.sql(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name like '%writer'
            """)
        world.loop.wait { blocker.isWaitedFor }
        #expect(answer == nil)
        blocker.release()
        world.loop.wait { answer != nil }
        let verdicts = try #require(answer).get()
        #expect(verdicts.map { $0.receipt?.seq } == [2])
        #expect(verdicts.map { $0.receipt?.isRepeat } == [false])
    }

    @Test func `a head that somebody else keeps locked makes the append unavailable`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        let storage = world.open()
        _ = try world.append([post("a", in: course)], to: storage)
        let blocker = HeadLock(world)
        let refused = world.loop.wait {
            storage.log.append([post("b", in: course)], completion: $0)
        }
        #expect(refused == .failure(.unavailable))
        let elsewhere = try world.append([post("b", in: named("course:2"))], to: storage)
        #expect(elsewhere.map { $0.receipt?.seq } == [1])
        blocker.release()
        let head = try world.head(of: course, in: storage)
        #expect(head.seq == 1)
    }
}

/// Holds every head of a database, as a stuck transaction would.
private final class HeadLock {
    private let world: PostgresWorld
    private let session: PostgresSession

    init(_ world: PostgresWorld) {
        self.world = world
        let address = PostgresCluster.shared.address(of: world.database)
        let session = PostgresSession(
            loop: world.loop, options: PostgresOptions(address: address, applicationName: "lock")
        ) { _ in }
        self.session = session
        world.loop.wait { session.isUp }
        _ = world.loop.wait {
            session.run(
                script: "begin; select from rollcall.heads for no key update", completion: $0)
        }
    }

    var isWaitedFor: Bool {
        let waiting = world.sql(
            """
            select count(*) from pg_stat_activity where datname = current_database()
              and application_name like '%writer' and wait_event_type = 'Lock'
            """)
        return waiting == "1"
    }

    func release() {
        session.close()
    }
}
