-- Changes of the facts, for every server to follow, so that a revocation takes hold at once.

create table rollcall.access_changes (
    id     bigint generated always as identity primary key,
    -- The transaction that made the change: what a snapshot can tell apart, unlike id or time,
    -- which are given out long before the commit.
    xid    xid8 not null default pg_current_xact_id(),
    -- Null: everybody in `topic`.
    person text,
    -- Null: everything about `person`. Both null: everything.
    topic  text,
    at     timestamptz not null default clock_timestamp()
);
create index access_changes_by_xid on rollcall.access_changes (xid);

-- Trigger of a watched table. Arguments: the name of its column with the person, and of the one
-- with the course; either may be empty.
create function rollcall.record_access() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    person_column constant text := tg_argv[0];
    course_column constant text := tg_argv[1];
begin
    case tg_op
        when 'INSERT' then
            insert into rollcall.access_changes (person, topic)
            select distinct to_jsonb(r) ->> person_column,
                            'course:' || (to_jsonb(r) ->> course_column)
            from new_rows r;
        when 'DELETE' then
            insert into rollcall.access_changes (person, topic)
            select distinct to_jsonb(r) ->> person_column,
                            'course:' || (to_jsonb(r) ->> course_column)
            from old_rows r;
        when 'UPDATE' then
            insert into rollcall.access_changes (person, topic)
            select to_jsonb(r) ->> person_column, 'course:' || (to_jsonb(r) ->> course_column)
            from old_rows r
            union
            select to_jsonb(r) ->> person_column, 'course:' || (to_jsonb(r) ->> course_column)
            from new_rows r;
        when 'TRUNCATE' then
            insert into rollcall.access_changes (person, topic) values (null, null);
    end case;
    if found then
        perform pg_notify('rollcall_access', '');
    end if;
    return null;
end
$$;

-- Makes changes of `source` known to every server at their commit. The arguments name the columns
-- that hold the person and the course; a table without one of them passes null for it. Calling it
-- again replaces what an earlier call installed.
create function rollcall.watch(
    source regclass, person_column text default 'person', course_column text default 'course')
returns void
language plpgsql volatile as $$
declare
    event text;
    rows_seen text;
    missing text;
begin
    if person_column is null and course_column is null then
        raise exception 'watch needs the column of the person, of the course, or both'
            using errcode = 'invalid_parameter_value';
    end if;
    select string_agg(wanted, ', ') into missing
    from unnest(array[person_column, course_column]) wanted
    where not exists (
        select from pg_attribute a
        where a.attrelid = source and a.attname = wanted and a.attnum > 0 and not a.attisdropped)
      and wanted is not null;
    if missing is not null then
        raise exception 'table % has no column %', source, missing
            using errcode = 'undefined_column';
    end if;
    foreach event in array array['insert', 'update', 'delete', 'truncate'] loop
        rows_seen := case event
            when 'insert' then 'referencing new table as new_rows'
            when 'update' then 'referencing old table as old_rows new table as new_rows'
            when 'delete' then 'referencing old table as old_rows'
            when 'truncate' then ''
        end;
        execute format(
            'create or replace trigger rollcall_%s after %s on %s %s for each statement '
            'execute function rollcall.record_access(%L, %L)',
            event, event, source, rows_seen,
            coalesce(person_column, ''), coalesce(course_column, ''));
    end loop;
end
$$;

select rollcall.watch('rollcall.profiles', course_column => null);
select rollcall.watch('rollcall.courses', person_column => null);
select rollcall.watch('rollcall.enrolments');

-- What was committed since the snapshot `since`, and the snapshot to pass next time: one row per
-- change, or one row without a change (`at` is null). It must stay one statement: a snapshot taken
-- by another one loses what commits in between.
--
-- Rows of transactions that this cluster has yet to see come from another cluster's dump; a new
-- epoch makes servers forget everything anyway, so they are left out.
create function rollcall.access_tail(since pg_snapshot)
returns table (
    seen pg_snapshot, epoch text, person text, topic text, at timestamptz)
language sql stable as $$
    select now.seen, server.epoch, change.person, change.topic, change.at
    from (select pg_current_snapshot() as seen) now
    cross join rollcall.server
    left join rollcall.access_changes change
        on change.xid >= pg_snapshot_xmin(since)
        and change.xid < pg_snapshot_xmax(now.seen)
        and not pg_visible_in_snapshot(change.xid, since)
$$;

-- Deletes changes that are older than `age` and that every later snapshot contains. A server that
-- has not looked for longer than `age` must forget all it knows.
create function rollcall.forget_access_changes(age interval) returns bigint
language plpgsql volatile as $$
declare
    forgotten bigint;
begin
    delete from rollcall.access_changes
    where at < clock_timestamp() - age and xid < pg_snapshot_xmin(pg_current_snapshot());
    get diagnostics forgotten = row_count;
    return forgotten;
end
$$;
