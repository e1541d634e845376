import Basics
import EventLoop
import Postgres
import PostgresStorage
import PubSub
import Resume
import RoomContract
import TestSupport
import Testing

/// PostgreSQL alone: connections that die at any moment.
@Suite(.serialized) struct ChaosTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `killing backends under appends changes no answer`(seed: UInt64) throws {
        let world = PostgresWorld()
        defer { world.close() }
        let traffic = Traffic(world: world, writers: 3, seed: seed)
        let killer = Killer(world)
        killer.start(within: .milliseconds(200))
        traffic.run(batches: 100) { killer.kills < 15 }
        killer.stop()
        try traffic.audit()
    }

    @Test func `cancelled and timed out appends change no answer`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        // Settings of the database would be overridden by the connection's own, so an
        // administrator's cancel stands for both timeouts: the same error code.
        let traffic = Traffic(world: world, writers: 3, seed: 4)
        let killer = Killer(world, by: "pg_cancel_backend")
        killer.start(within: .milliseconds(5))
        traffic.run(batches: 100) { killer.kills < 50 }
        killer.stop()
        try traffic.audit()
    }

    @Test func `a drainer that is killed loses, doubles and reorders nothing`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        guard let server = world.open() as? PostgresUnderTest else { return }
        _ = world.open()
        let killer = Killer(world, role: "drainer")
        killer.start(within: .milliseconds(200))
        // An application that publishes all the time, until enough drainers were killed.
        let application = PostgresSession(
            loop: world.loop,
            options: PostgresOptions(
                address: PostgresCluster.shared.address(of: world.database),
                applicationName: "application")
        ) { _ in }
        defer { application.close() }
        let publish = PostgresStatement(
            "publish",
            """
            select count(rollcall.publish('course:' || n % 3, 'ana',
                jsonb_build_object('round', $1::int8, 'n', n)))
            from generate_series(1, 100) n
            """)
        world.loop.wait { application.isUp }
        var rounds: Int64 = 0
        var depth: Int64?
        while killer.kills < 10 {
            _ = try world.loop.wait {
                application.execute(publish, [.int8(rounds)], completion: $0)
            }.get()
            rounds += 1
        }
        world.loop.wait {
            server.postgres.outboxDepth { result in
                if case .success(let rows) = result { depth = rows }
            }
            return depth == 0
        }
        killer.stop()
        for topic in 0..<3 {
            let entries = try world.entries(of: named("course:\(topic)"), in: server)
            let expected = (0..<rounds).flatMap { round in
                (1...100).filter { $0 % 3 == topic }.map { #"{"n": \#($0), "round": \#(round)}"# }
            }
            let bodies = entries.map { String(decoding: $0.body, as: UTF8.self) }
            #expect(bodies == expected)
            #expect(entries.map(\.seq) == (0..<entries.count).map { Int64($0) + 1 })
        }
    }

    @Test func `a server cut off from the database says so and catches up`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        guard let storage = world.open() as? PostgresUnderTest else { return }
        let name = world.database
        world.sqlElsewhere("alter database \(name) with allow_connections false")
        world.sqlElsewhere(Killer.command("pg_terminate_backend", in: name, role: ""))
        world.loop.wait { !storage.isFollowing }
        let refused = world.loop.wait {
            storage.log.append([post("a", in: named("course:1"))], completion: $0)
        }
        #expect(refused == .failure(.unavailable))
        let facts = world.loop.wait { answer in
            storage.directory.facts(
                for: [.init(person: "ana", topic: named("course:1"))], completion: answer)
        }
        #expect(facts == .failure(.unavailable))
        world.sqlElsewhere("alter database \(name) with allow_connections true")
        world.addCourse("1")
        world.loop.wait { storage.isReady }
        var heard = storage.takeAccessChanges()
        world.loop.wait {
            heard += storage.takeAccessChanges()
            return !heard.isEmpty
        }
        #expect(heard.map(\.topic) == [named("course:1")])
        let verdicts = try world.append([post("a", in: named("course:1"))], to: storage)
        #expect(verdicts[0].receipt?.isRepeat == false)
    }
}

/// Ends the statements or connections of a world's servers, over and over.
private final class Killer {
    private let loop: EventLoop
    private let session: PostgresSession
    private let statement: PostgresStatement
    private var timer: LoopTimer?
    private var random = Seeded(seed: 1)
    private(set) var kills: Int64 = 0

    init(
        _ world: PostgresWorld, by function: String = "pg_terminate_backend",
        role: String = "writer"
    ) {
        loop = world.loop
        session = PostgresSession(
            loop: world.loop,
            options: PostgresOptions(
                address: PostgresCluster.shared.address(of: "postgres"), applicationName: "killer")
        ) { _ in }
        statement = PostgresStatement(
            "kill", Killer.command(function, in: world.database, role: role))
    }

    static func command(_ function: String, in database: String, role: String) -> String {
        """
        select count(*) from (
            select \(function)(pid) from pg_stat_activity
            where datname = '\(database)' and application_name like '%\(role)'
        ) killed
        """
    }

    /// Strikes at random moments up to `interval` apart. An interval shorter than a connection's
    /// making leaves the servers no connection to work on.
    func start(within interval: Duration) {
        timer = loop.schedule(after: interval * .random(in: 0..<1, using: &random)) { [self] in
            session.execute(statement) { result in
                if case .success(let rows) = result { self.kills += rows.int8(0, 0) }
            }
            start(within: interval)
        }
    }

    func stop() {
        timer?.cancel()
        session.close()
    }
}
