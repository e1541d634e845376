import EventLoop
import Postgres
import TestSupport
import Testing

@testable import PostgresStorage

@Suite(.serialized) struct MigratorTests {
    @Test func `up, down and up again`() throws {
        try withMigrator { loop, migrator, database in
            let before = try loop.wait { migrator.status(completion: $0) }.get()
            let isEmpty = before.allSatisfy { !$0.isApplied }
            #expect(isEmpty && before.count == Migration.all.count)
            let applied = try loop.wait { migrator.up(completion: $0) }.get()
            #expect(applied == Migration.all.map { $0.name })
            let after = try loop.wait { migrator.status(completion: $0) }.get()
            let isComplete = after.allSatisfy { $0.isApplied }
            #expect(isComplete)
            let again = try loop.wait { migrator.up(completion: $0) }.get()
            #expect(again == [])
            let removed = try loop.wait { migrator.down(completion: $0) }.get()
            #expect(removed == Array(applied.reversed()))
            let left = PostgresCluster.shared.sql(
                """
                select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'rollcall' or c.relname like '%rollcall%'
                """, in: database)
            #expect(left == "0")
            let anew = try loop.wait { migrator.up(completion: $0) }.get()
            #expect(anew == applied)
        }
    }

    @Test func `down takes the triggers of a platform's tables along, and nothing else`() throws {
        try withMigrator { loop, migrator, database in
            _ = try loop.wait { migrator.up(completion: $0) }.get()
            PostgresCluster.shared.sql(
                """
                create table public.members (member text, class text);
                select rollcall.watch('public.members', 'member', 'class');
                insert into public.members values ('ana', '1')
                """, in: database)
            _ = try loop.wait { migrator.down(completion: $0) }.get()
            let left = PostgresCluster.shared.sql(
                """
                insert into public.members values ('ben', '1');
                select count(*) from public.members
                """, in: database)
            #expect(left == "2")
        }
    }

    @Test func `an edited step and a newer database are refused`() throws {
        try withMigrator { loop, migrator, database in
            _ = try loop.wait { migrator.up(completion: $0) }.get()
            PostgresCluster.shared.sql(
                "insert into rollcall.migrations values (99, 'later', '')", in: database)
            let newer = loop.wait { migrator.up(completion: $0) }
            #expect(newer == .failure(.newer(99)))
            PostgresCluster.shared.sql(
                "update rollcall.migrations set checksum = 'x' where name = 'append'",
                in: database)
            let edited = loop.wait { migrator.up(completion: $0) }
            #expect(edited == .failure(.edited("append")))
        }
    }

    @Test func `two migrators at once apply each step once`() throws {
        let database = PostgresCluster.shared.makeDatabase()
        let loop = EventLoop()
        defer { loop.close() }
        let options = PostgresOptions(
            address: PostgresCluster.shared.address(of: database), applicationName: "test")
        let migrators = (0..<2).map { _ in Migrator(loop: loop, options: options) }
        var applied: [[String]] = []
        for migrator in migrators {
            migrator.up { result in
                if case .success(let names) = result { applied.append(names) }
                migrator.close()
            }
        }
        loop.wait { applied.count == 2 }
        #expect(applied == [Migration.all.map { $0.name }, []])
    }

    @Test func `demo data may be loaded twice`() throws {
        try withMigrator { loop, migrator, database in
            _ = try loop.wait { migrator.up(completion: $0) }.get()
            for _ in 0..<2 {
                try loop.wait { migrator.seedDemo(completion: $0) }.get()
                let people = PostgresCluster.shared.sql(
                    "select count(*) from rollcall.profiles", in: database)
                #expect(people == "9")
            }
        }
    }

    @Test func `a database that is not there is said in one line`() {
        let loop = EventLoop()
        defer { loop.close() }
        let migrator = Migrator(
            loop: loop,
            options: PostgresOptions(address: "host=/nonexistent", applicationName: "test"))
        let result = loop.wait { migrator.up(completion: $0) }
        migrator.close()
        guard case .failure(let error) = result else {
            Issue.record("migrated nothing")
            return
        }
        #expect(error.message.hasPrefix("cannot reach the database: "))
        #expect(!error.message.contains("\n"))
    }

    private func withMigrator(_ body: (EventLoop, Migrator, String) throws -> Void) throws {
        let database = PostgresCluster.shared.makeDatabase()
        let loop = EventLoop()
        defer { loop.close() }
        let migrator = Migrator(
            loop: loop,
            options: PostgresOptions(
                address: PostgresCluster.shared.address(of: database), applicationName: "test"))
        defer { migrator.close() }
        try body(loop, migrator, database)
    }
}
