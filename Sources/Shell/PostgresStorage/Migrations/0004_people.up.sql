-- Who is who: what the server asks before it lets anybody in.
--
-- The server reads the four views below and nothing else. A platform that has tables of its own
-- replaces the views (same columns, same types; cast where needed), calls rollcall.watch for each
-- table behind them, and leaves the tables of this file empty.

create table rollcall.profiles (
    person text primary key check (octet_length(person) between 1 and 255),
    name   text not null,
    -- What they are to the platform as a whole. Only `agent` and `admin` open doors by themselves.
    role   text not null default 'student'
           check (role in ('student', 'assistant', 'instructor', 'agent', 'admin'))
);

create table rollcall.courses (
    course text primary key check (octet_length(course) between 1 and 247),
    title  text not null
);

create table rollcall.enrolments (
    course  text not null references rollcall.courses on delete cascade,
    person  text not null,
    role    text not null check (role in ('student', 'assistant', 'instructor')),
    -- The enrolment is over at this moment, without anybody writing anything; null for never.
    ends_at timestamptz,
    primary key (course, person)
);
create index enrolments_of_person on rollcall.enrolments (person);

-- People from outside who write to the platform's staff.
create table rollcall.contacts (
    contact text primary key check (octet_length(contact) between 1 and 255),
    name    text not null
);

create view rollcall.directory_profiles as select person, name, role from rollcall.profiles;
create view rollcall.directory_courses as select course, title from rollcall.courses;
create view rollcall.directory_enrolments as
    select course, person, role, ends_at from rollcall.enrolments;
create view rollcall.directory_contacts as select contact, name from rollcall.contacts;

-- What each person is to the topic at the same place: one row per pair, numbered from 1.
--
--   role         in a course: `admin` for the platform's admins, else the current enrolment's role.
--                Elsewhere: the platform's role where that is `agent` or `admin`. In `user:<id>`
--                always null: a person's notifications are theirs alone.
--   name         from the profile; null without one
--   valid_until  when a current enrolment ends; null for never
--
-- Replaced views may have no unique keys. Of several enrolments the strongest counts, then the
-- longest.
create function rollcall.facts(persons text[], topics text[])
returns table (
    nth int, role text, name text, topic_exists boolean, valid_until timestamptz)
language sql stable as $$
    select asked.nth::int,
           case
               when asked.kind = 'user' then null
               when profile.role = 'admin' then profile.role
               when asked.kind = 'course' then enrolment.role
               when profile.role = 'agent' then profile.role
           end,
           profile.name,
           asked.kind <> 'course' or exists (
               select from rollcall.directory_courses c where c.course = asked.id),
           case when profile.role is distinct from 'admin'
                then nullif(enrolment.ends_at, 'infinity') end
    from (
        select pair.nth, pair.person,
               split_part(pair.topic, ':', 1) as kind,
               substr(pair.topic, position(':' in pair.topic) + 1) as id
        from unnest(persons, topics) with ordinality pair(person, topic, nth)
    ) asked
    left join lateral (
        select p.name, p.role from rollcall.directory_profiles p
        where p.person = asked.person
        limit 1
    ) profile on true
    left join lateral (
        select e.role, e.ends_at from rollcall.directory_enrolments e
        where asked.kind = 'course' and e.course = asked.id and e.person = asked.person
          and (e.ends_at is null or e.ends_at > now())
        order by array_position(array['instructor', 'assistant', 'student'], e.role),
                 e.ends_at desc nulls first
        limit 1
    ) enrolment on true
    order by asked.nth
$$;
