import PubSub
import Resume
import TestSupport
import Testing

@testable import Postgres
@testable import PostgresStorage

/// What applications and operators meet in the schema itself.
@Suite(.serialized) struct SchemaTests {
    /// SQL for an object that holds `levels` arrays, one in the other.
    private static func nested(_ levels: Int) -> String {
        "'{\"a\":' || repeat('[', \(levels)) || repeat(']', \(levels)) || '}'"
    }

    @Test(arguments: [
        ("'course', 'ana', '{}'", "a topic is"),
        ("'course:', 'ana', '{}'", "a topic is"),
        ("'Course:1', 'ana', '{}'", "a topic is"),
        ("E'course:a\\tb', 'ana', '{}'", "a topic is"),
        ("null, 'ana', '{}'", "a topic is"),
        ("'course:' || repeat('x', 249), 'ana', '{}'", "at most 255 bytes"),
        ("'realtime:x', 'ana', '{}'", "not durable"),
        ("'course:1', null, '{}'", "sender is"),
        ("'course:1', repeat('x', 256), '{}'", "sender is"),
        ("'course:1', 'ana', '[]'", "body is array; expected a JSON object"),
        ("'course:1', 'ana', null", "body is null; expected a JSON object"),
        ("'course:1', 'ana', '{\"a\": \"\\u0000\"}'", "unsupported Unicode escape"),
        ("'course:1', 'ana', jsonb_build_object('a', repeat('x', 262144))", "the limit is 262144"),
        ("'course:1', 'ana', (\(nested(60)))::jsonb", "nested deeper than 60 levels"),
        ("'course:1', 'ana', (\(nested(3_000)))::jsonb", "nested deeper than 60 levels"),
        ("'course:1', 'ana', '{}', ''", "client_id has 0 bytes"),
        ("'course:1', 'ana', '{}', repeat('x', 65)", "client_id has 65 bytes"),
    ])
    func `publish refuses with a reason`(arguments: String, reason: String) {
        let world = PostgresWorld()
        defer { world.close() }
        let answer = PostgresCluster.shared.sql(
            "select rollcall.publish(\(arguments))", in: world.database, mayFail: true)
        #expect(answer.contains("ERROR") && answer.contains(reason))
    }

    @Test func `publish takes what is just within its limits`() {
        let world = PostgresWorld()
        defer { world.close() }
        world.sql(
            """
            select rollcall.publish('course:' || repeat('x', 248), repeat('x', 255),
                jsonb_build_object('a', repeat('x', 262135)), repeat('x', 64))
            """)
        let size = world.sql("select octet_length(body) from rollcall.outbox")
        #expect(size == "262144")
        world.sql(
            "select rollcall.publish('course:1', 'ana', (\(SchemaTests.nested(59)))::jsonb)")
        let count = world.sql("select count(*) from rollcall.outbox")
        #expect(count == "2")
    }

    @Test func `a notification is a post of the system to the person's own topic`() {
        let world = PostgresWorld()
        defer { world.close() }
        world.sql(
            """
            select rollcall.notify('ana', '{"title": "Hi"}', link => '/courses/1');
            select rollcall.notify('ana', '{"title": "Hi"}', 'a')
            """)
        let rows = world.sql(
            "select topic, sender, client_id, body from rollcall.outbox order by id")
        #expect(
            rows == """
                user:ana|||{"link": "/courses/1", "title": "Hi"}
                user:ana||a|{"title": "Hi"}
                """)
        let refused = PostgresCluster.shared.sql(
            "select rollcall.notify('', '{}')", in: world.database, mayFail: true)
        #expect(refused.contains("person is empty"))
    }

    @Test func `an application may publish without any right on the tables`() {
        let world = PostgresWorld()
        defer { world.close() }
        let role = "application_\(world.database)"
        world.sql(
            """
            create role \(role);
            grant usage on schema rollcall to \(role);
            set role \(role);
            select rollcall.publish('course:1', 'ana', '{}')
            """)
        let refused = PostgresCluster.shared.sql(
            "set role \(role); select * from rollcall.outbox", in: world.database, mayFail: true)
        #expect(refused.contains("permission denied"))
    }

    @Test func `the database and the server compute the same keys and hashes`() {
        let world = PostgresWorld()
        defer { world.close() }
        let texts = world.sql(
            """
            select rollcall.entry_key('ána', 'b'), rollcall.entry_key('', 'outbox:1'),
                   rollcall.entry_hash(1::smallint, '{"é": 1}')
            """
        ).split(separator: "|").map { String($0.replacing("-", with: "")) }
        let ours = [
            AppendBatch.key(sender: "ána", clientID: "b"),
            AppendBatch.key(sender: "", clientID: "outbox:1"),
            AppendBatch.hash(kind: .post, said: Array(#"{"é": 1}"#.utf8)),
        ].map { hexadecimal($0.high) + hexadecimal($0.low) }
        #expect(texts == ours)
    }

    @Test(arguments: [
        ("'{a}', '{1,1}', '{1,3}', '{1,2}'", "not numbered 1 to n"),
        ("'{a}', '{1,1}', '{2,3}', '{1,2}'", "not numbered 1 to n"),
        ("'{a,b}', '{1,1}', '{1,2}', '{1,2}'", "not numbered 1 to n"),
        ("'{a}', '{1,1}', '{1,2}', '{1,1}'", "not numbered 1 to n"),
        ("'{b,a}', '{1,2}', '{1,1}', '{1,1}'", "not distinct and in byte order"),
        ("'{a,a}', '{1,2}', '{1,1}', '{1,1}'", "not distinct and in byte order"),
    ])
    func `append refuses a batch that would make a gap`(numbering: String, reason: String) {
        let world = PostgresWorld()
        defer { world.close() }
        let answer = PostgresCluster.shared.sql(
            """
            select rollcall.append(\(numbering),
                array[gen_random_uuid(), gen_random_uuid()],
                array[gen_random_uuid(), gen_random_uuid()],
                '{1,1}', '{x,x}', '{c,d}', '{1,2}')
            """, in: world.database, mayFail: true)
        #expect(answer.contains(reason), "\(answer)")
        let heads = world.sql("select count(*) from rollcall.heads")
        #expect(heads == "0")
    }

    @Test func `a new epoch is a new name`() throws {
        let world = PostgresWorld()
        defer { world.close() }
        let old = world.sql("select epoch from rollcall.server")
        let new = world.sql("select rollcall.renew_epoch()")
        #expect(new != old)
        let epoch = Epoch(new)
        #expect(epoch != nil && new.utf8.count == 8)
    }

    @Test func `watch wants columns that exist`() {
        let world = PostgresWorld()
        defer { world.close() }
        world.sql("create table public.members (member text)")
        for (arguments, reason) in [
            ("'public.members'", "has no column"),
            ("'public.members', 'member', 'class'", "has no column class"),
            ("'public.members', null, null", "needs the column"),
        ] {
            let answer = PostgresCluster.shared.sql(
                "select rollcall.watch(\(arguments))", in: world.database, mayFail: true)
            #expect(answer.contains(reason))
        }
    }

    @Test func `a watched table reports what each statement touched, old and new`() {
        let world = PostgresWorld()
        defer { world.close() }
        world.sql(
            """
            create table public.members (member int, class int);
            select rollcall.watch('public.members', 'member', 'class');
            select rollcall.watch('public.members', 'member', 'class');
            insert into public.members values (1, 10), (2, 10);
            update public.members set class = 11 where member = 1;
            update public.members set class = 12 where member = 99;
            delete from public.members where member = 2;
            truncate public.members
            """)
        let changes = world.sql(
            "select person, topic from rollcall.access_changes order by id")
        let lines = changes.split(separator: "\n").map(String.init)
        #expect(Set(lines[0..<2]) == ["1|course:10", "2|course:10"])
        #expect(Set(lines[2..<4]) == ["1|course:10", "1|course:11"])
        #expect(lines[4...] == ["2|course:10", "|"])
    }

    @Test func `old changes are forgotten, recent ones kept`() {
        let world = PostgresWorld()
        defer { world.close() }
        world.sql(
            """
            insert into rollcall.access_changes (person, at)
            values ('old', now() - interval '2 hours'), ('new', now())
            """)
        let forgotten = world.sql("select rollcall.forget_access_changes('1 hour')")
        #expect(forgotten == "1")
        let kept = world.sql("select person from rollcall.access_changes")
        #expect(kept == "new")
    }

    private func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
