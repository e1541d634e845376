import Basics
import EventLoop
import Postgres
import PostgresStorage
import PubSub
import Resume
import RoomContract
import TestSupport
import Testing

/// What only PostgreSQL's storage does: opening, epochs, and directories of a platform's own.
@Suite(.serialized) struct PostgresStorageTests {
    @Test func `a database without the schema is unusable until it is migrated`() throws {
        let database = PostgresCluster.shared.makeDatabase()
        let address = PostgresCluster.shared.address(of: database)
        let loop = EventLoop()
        defer { loop.close() }
        let storage = PostgresUnderTest(loop: loop, address: address)
        defer { storage.close() }
        loop.wait { !storage.complaints.isEmpty }
        #expect(storage.complaints[0].contains("rollcall.server"))
        #expect(storage.epochs == [] && !storage.isFollowing)
        let migrator = Migrator(
            loop: loop, options: PostgresOptions(address: address, applicationName: "test"))
        defer { migrator.close() }
        _ = try loop.wait { migrator.up(completion: $0) }.get()
        loop.wait { storage.isReady }
        #expect(storage.epochs.count == 1)
    }

    @Test func `another epoch is heard of while connected, and forgets all facts`() {
        let world = PostgresWorld()
        defer { world.close() }
        guard let storage = world.open() as? PostgresUnderTest else { return }
        let new = world.sql("select rollcall.renew_epoch()")
        world.loop.wait { storage.epochs.count == 2 }
        #expect(storage.epochs.last == Epoch(new))
        let changes = storage.takeAccessChanges()
        #expect(changes == [AccessChange(person: nil, topic: nil)])
        world.addCourse("1")
        var heard: [AccessChange] = []
        world.loop.wait {
            heard += storage.takeAccessChanges()
            return !heard.isEmpty
        }
        #expect(heard == [AccessChange(person: nil, topic: named("course:1"))])
    }

    @Test func `ending an enrolment in SQL is heard`() {
        let world = PostgresWorld()
        defer { world.close() }
        let storage = world.open()
        world.addCourse("1")
        world.enrol("ana", in: "1", as: .student, endsAt: nil)
        world.enrol("ben", in: "1", as: .student, endsAt: nil)
        var heard: [AccessChange] = []
        world.loop.wait {
            heard += storage.takeAccessChanges()
            return heard.count == 3
        }
        world.sql("update rollcall.enrolments set ends_at = now() where person = 'ana'")
        world.loop.wait {
            heard = storage.takeAccessChanges()
            return !heard.isEmpty
        }
        #expect(heard == [AccessChange(person: "ana", topic: named("course:1"))])
    }

    @Test func `a change is found without any notification`() {
        let world = PostgresWorld()
        defer { world.close() }
        let storage = world.open()
        // Written past the triggers, so nobody is woken.
        world.sql(
            "insert into rollcall.access_changes (person, topic) values ('ana', 'course:1')")
        world.loop.wait {
            storage.takeAccessChanges().contains(
                AccessChange(person: "ana", topic: named("course:1")))
        }
    }

    @Test func `an outbox row is found without any notification`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        let storage = world.open()
        world.sql(
            """
            alter table rollcall.outbox disable trigger wake_outbox;
            select rollcall.publish('course:1', 'ana', '{}')
            """)
        world.loop.wait { storage.takePublished() == [named("course:1")] }
        let head = try world.head(of: named("course:1"), in: storage)
        #expect(head.seq == 1)
    }

    @Test func `changes of overlapping transactions are heard, whatever order they commit in`()
        throws
    {
        let world = PostgresWorld()
        defer { world.close() }
        let storage = world.open()
        let address = PostgresCluster.shared.address(of: world.database)
        let slow = PostgresSession(
            loop: world.loop, options: PostgresOptions(address: address, applicationName: "slow")
        ) { _ in }
        defer { slow.close() }
        world.loop.wait { slow.isUp }
        // Takes its id and its transaction number first, and commits last.
        let begun = world.loop.wait {
            slow.run(
                script: "begin; insert into rollcall.courses values ('early', '')", completion: $0)
        }
        _ = try begun.get()
        world.addCourse("late")
        var heard: [AccessChange] = []
        world.loop.wait {
            heard += storage.takeAccessChanges()
            return !heard.isEmpty
        }
        #expect(heard.map(\.topic) == [named("course:late")])
        _ = try world.loop.wait { slow.run(script: "commit", completion: $0) }.get()
        world.loop.wait {
            heard += storage.takeAccessChanges()
            return heard.count == 2
        }
        #expect(heard.map(\.topic) == [named("course:late"), named("course:early")])
    }

    @Test func `a platform's own tables take the place of the views`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        let storage = world.open()
        world.sql(
            """
            create table public.users (id uuid primary key, display_name text, staff boolean);
            create table public.members (user_id uuid, class_id int, kind text, until timestamptz);
            create or replace view rollcall.directory_profiles as
                select id::text as person, display_name as name,
                       case when staff then 'agent' else 'student' end as role
                from public.users;
            create or replace view rollcall.directory_courses as
                select distinct class_id::text as course, ''::text as title from public.members;
            create or replace view rollcall.directory_enrolments as
                select class_id::text as course, user_id::text as person, kind as role,
                       until as ends_at
                from public.members;
            select rollcall.watch('public.users', 'id', null);
            select rollcall.watch('public.members', 'user_id', 'class_id');
            insert into public.users values ('\(ana)', 'Ana', false);
            insert into public.members values
                ('\(ana)', 7, 'student', null), ('\(ana)', 7, 'assistant', 'infinity'),
                ('\(ana)', 8, 'wizard', null)
            """)
        let facts = try world.facts(
            for: [(ana, "course:7"), (ana, "course:8"), (ana, "course:9")], in: storage)
        #expect(facts.map(\.role) == [.assistant, nil, nil])
        #expect(facts.map(\.topicExists) == [true, true, false])
        #expect(facts.map(\.name) == ["Ana", "Ana", "Ana"])
        #expect(facts.map(\.validUntil) == [nil, nil, nil])
        var heard: Set<AccessChange> = []
        world.loop.wait {
            heard.formUnion(storage.takeAccessChanges())
            return heard.count == 3
        }
        #expect(
            heard == [
                AccessChange(person: ana, topic: nil),
                AccessChange(person: ana, topic: named("course:7")),
                AccessChange(person: ana, topic: named("course:8")),
            ])
    }

    @Test func `the outbox says how much waits in it`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        guard let storage = world.open() as? PostgresUnderTest else { return }
        // Whatever a drainer does is undone as long as its deletion is refused.
        world.sql(
            """
            create function public.refuse() returns trigger language plpgsql as
                $$ begin raise exception 'not now' using errcode = '55P03'; end $$;
            create trigger refuse before delete on rollcall.outbox
                for each row execute function public.refuse();
            select rollcall.publish('course:1', 'ana', '{}'),
                   rollcall.publish('course:1', 'ana', '{}')
            """)
        let depth = try world.loop.wait { storage.postgres.outboxDepth(completion: $0) }.get()
        #expect(depth == 2)
        let nothing = try world.head(of: named("course:1"), in: storage)
        #expect(nothing == .empty)
        world.sql("drop trigger refuse on rollcall.outbox")
        world.loop.wait { storage.takePublished() == [named("course:1")] }
        let after = try world.loop.wait { storage.postgres.outboxDepth(completion: $0) }.get()
        #expect(after == 0)
    }

    private let ana = "00000000-0000-4000-8000-000000000001"
}
