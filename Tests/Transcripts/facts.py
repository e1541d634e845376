"""What the platform writes into its tables: the lines that begin with `@`."""


def write(server, fact, words):
    match fact, words:
        case "course", [course]:
            server.add_course(course)
        case "person", [person, name]:
            server.sql(f"""
                insert into rollcall.profiles values ({quoted(person)}, {quoted(name)})
                    on conflict (person) do update set name = excluded.name""")
        case "enrol", [person, course, role]:
            server.enrol(person, course=course, role=role)
        case "unenrol", [person, course]:
            server.sql(f"""
                delete from rollcall.enrolments
                where person = {quoted(person)} and course = {quoted(course)}""")
        case "publish", [topic, body]:
            server.sql(f"select rollcall.publish({quoted(topic)}, '', {quoted(body)}::jsonb)")
        case "fill", [topic, count]:
            server.sql(f"""
                select rollcall.publish(
                    {quoted(topic)}, '', jsonb_build_object('text', number::text))
                from generate_series(1, {int(count)}) number""")
        case _:
            raise AssertionError(f"the platform does not know {fact} {words}")


def quoted(text):
    return "'" + text.replace("'", "''") + "'"
