-- The outbox: how an application publishes from its own transaction.
--
-- `publish` and `notify` only write a row here, so a slow transaction of the application never
-- holds a topic's head. A drainer moves rows into the log after their commit. The order of the
-- rows of one transaction is kept; between transactions none is promised.

create table rollcall.outbox (
    id         bigint generated always as identity primary key,
    topic      text collate "C" not null check (octet_length(topic) between 1 and 255),
    sender     text not null check (octet_length(sender) <= 255),
    client_id  text check (octet_length(client_id) between 1 and 64),
    kind       smallint not null default 1,
    body       text not null,
    created_at timestamptz not null default clock_timestamp()
) with (
    -- The table is nearly empty and changes all the time: count rows, not a share of the table.
    autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_analyze_threshold = 5000, autovacuum_analyze_scale_factor = 0
);

-- Publishes `body` to a durable topic when the caller's transaction commits. Returns the number of
-- the outbox row. With a `client_id` the same message may be published again and is stored once;
-- without one every call is a message of its own.
create function rollcall.publish(topic text, sender text, body jsonb, client_id text default null)
returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    -- The largest body of an event; the server's registry of limits has the same number.
    body_limit constant int := 256 * 1024;
    -- Clients are held to 64 levels of a whole frame, and a body lies three deep in one. Some JSON
    -- readers give up far deeper, and then on every page of history that holds the body.
    too_deep constant jsonpath := 'strict $.**{60 to last}';
    number bigint;
begin
    if topic is null or topic !~ '^[a-z]+:[^[:cntrl:]]+$' or octet_length(topic) > 255 then
        raise exception 'a topic is "<kind>:<id>", at most 255 bytes, without control characters'
            using errcode = 'invalid_parameter_value';
    end if;
    if topic like 'realtime:%' then
        raise exception 'topics of kind "realtime" are not durable: publish to them over HTTP'
            using errcode = 'invalid_parameter_value';
    end if;
    if sender is null or octet_length(sender) > 255 then
        raise exception 'sender is a person''s id of at most 255 bytes, or empty for the system'
            using errcode = 'invalid_parameter_value';
    end if;
    if octet_length(client_id) not between 1 and 64 then
        raise exception 'client_id has % bytes; expected 1 to 64', octet_length(client_id)
            using errcode = 'invalid_parameter_value';
    end if;
    if jsonb_typeof(body) is distinct from 'object' then
        raise exception 'body is %; expected a JSON object', coalesce(jsonb_typeof(body), 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    if jsonb_path_exists(body, too_deep) then
        raise exception 'body is nested deeper than 60 levels'
            using errcode = 'invalid_parameter_value';
    end if;
    if octet_length(body::text) > body_limit then
        raise exception 'body has % bytes; the limit is %', octet_length(body::text), body_limit
            using errcode = 'invalid_parameter_value';
    end if;
    insert into rollcall.outbox (topic, sender, client_id, body)
    values (topic, sender, client_id, body::text)
    returning id into number;
    return number;
end
$$;

-- Notifies one person: a post of the system to the topic `user:<person>`. `link`, when given, is
-- where the notification leads and becomes the body's member of that name.
create function rollcall.notify(
    person text, body jsonb, client_id text default null, link text default null)
returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
    if person is null or person = '' then
        raise exception 'person is empty; expected the id that access tokens carry'
            using errcode = 'invalid_parameter_value';
    end if;
    if link is not null and jsonb_typeof(body) = 'object' then
        body := body || jsonb_build_object('link', link);
    end if;
    return rollcall.publish('user:' || person, '', body, client_id);
end
$$;

create function rollcall.wake_outbox() returns trigger
language plpgsql as $$
begin
    perform pg_notify('rollcall_outbox', '');
    return null;
end
$$;

create trigger wake_outbox after insert on rollcall.outbox
    for each statement execute function rollcall.wake_outbox();

-- Moves at most `row_limit` rows into the log, in order, and returns what that did to each topic:
-- its head afterwards, how many rows were taken for it, and how many of them were conflicts (the
-- same sender and client id with another body), which are dropped. Returns nothing when there is
-- nothing to do or another drainer is at work. Call it in a transaction of its own.
create function rollcall.drain(row_limit int)
returns table (topic text, last_seq bigint, last_ordinal bigint, taken bigint, conflicts bigint)
language plpgsql volatile as $$
declare
    -- Any number will do, so long as every drainer of this database uses the same.
    drainer constant bigint := 7810774830;
    batch bigint[];
    names text[];
    indexes int[];
    verdicts smallint[];
    removed bigint;
begin
    -- A statement of its own: the next one's snapshot is then younger than the lock. A lock of
    -- the transaction, so that a drainer that dies takes it along.
    if not pg_try_advisory_xact_lock(drainer) then
        return;
    end if;
    select array_agg(o.id order by o.id) into batch
    from (select id from rollcall.outbox order by id limit row_limit) o;
    if batch is null then
        return;
    end if;

    select array_agg(t.name) into names
    from (
        select distinct o.topic as name from rollcall.outbox o where o.id = any (batch) order by 1
    ) t;

    with numbered as (
        select o.*, t.i, coalesce(o.client_id, 'outbox:' || o.id) as known_as,
               row_number() over w as n, count(*) filter (where o.kind = 1) over w as p
        from rollcall.outbox o
        join unnest(names) with ordinality t(name, i) on t.name = o.topic
        where o.id = any (batch)
        window w as (partition by o.topic order by o.id)
    ), gathered as (
        select array_agg(i::int order by id) as i,
               array_agg(n::int order by id) as n, array_agg(p::int order by id) as p,
               array_agg(rollcall.entry_key(sender, known_as) order by id) as keys,
               array_agg(rollcall.entry_hash(kind, body) order by id) as hashes,
               array_agg(kind order by id) as kinds,
               array_agg(sender order by id) as senders,
               array_agg(known_as order by id) as client_ids,
               array_agg(body order by id) as bodies
        from numbered
    )
    select g.i, a.verdicts into indexes, verdicts
    from gathered g
    cross join lateral rollcall.append(
        names, g.i, g.n, g.p, g.keys, g.hashes, g.kinds, g.senders, g.client_ids, g.bodies) a;

    delete from rollcall.outbox o where o.id = any (batch);
    get diagnostics removed = row_count;
    if removed <> cardinality(batch) then
        raise exception 'drained % outbox rows but removed %', cardinality(batch), removed;
    end if;

    return query
        select names[u.i], h.last_seq, h.last_ordinal,
               count(*), count(*) filter (where u.verdict = 2)
        from unnest(indexes, verdicts) u(i, verdict)
        join rollcall.heads h on h.topic = names[u.i]
        group by names[u.i], h.last_seq, h.last_ordinal;
end
$$;
