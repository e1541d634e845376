-- The log: every topic's entries, in an order without gaps.
--
-- Everything here is ordered by one row lock: whoever appends to a topic holds its row in `heads`
-- until the commit, so the order of `seq` is the order of commits, and a reader that sees seq n
-- sees everything before it.

create table rollcall.server (
    one_row    boolean primary key default true check (one_row),
    -- Names one life of this database. A position from another life is worth nothing.
    epoch      text not null check (epoch ~ '^[a-z0-9]{1,16}$'),
    renewed_at timestamptz not null default now()
);

create function rollcall.random_epoch() returns text
language sql volatile as $$
    -- Eight of the random bytes of a version 4 UUID; bytes 6 and 8 carry fixed bits.
    select string_agg(
        substr('abcdefghijklmnopqrstuvwxyz0123456789', 1 + get_byte(bytes, place) % 36, 1), '')
    from (select uuid_send(gen_random_uuid()) as bytes) random,
         unnest(array[0, 1, 2, 3, 4, 5, 10, 11]) place
$$;

-- Call it after a restore or a promotion that may have lost commits, before the server starts:
-- every client then gets a fresh snapshot instead of continuing in a history that is gone.
create function rollcall.renew_epoch() returns text
language sql volatile as $$
    update rollcall.server set epoch = rollcall.random_epoch(), renewed_at = now()
    returning epoch
$$;

insert into rollcall.server (epoch) values (rollcall.random_epoch());

-- One row per topic. Names are compared by their bytes (collate "C"), as the server sorts them.
-- Half of each page stays free and no column that changes is indexed: every update is HOT.
create table rollcall.heads (
    topic_id      bigint generated always as identity primary key,
    topic         text collate "C" not null unique check (octet_length(topic) between 1 and 255),
    last_seq      bigint not null default 0,
    -- The number of posts so far; unread is this minus the reader's cursor.
    last_ordinal  bigint not null default 0,
    -- Counts changes of the topic's rules and members.
    rules_version bigint not null default 0
) with (fillfactor = 50);

-- The topic's name stands in `heads` only: as part of these keys it would cost a quarter of the
-- insert rate. Bodies are text, not jsonb, so that the bytes that were hashed and broadcast are
-- the bytes that are read again. Both keys contain topic_id, so they can be unique for ever
-- although the table is partitioned; partitions keep indexes and vacuums small.
create table rollcall.entries (
    topic_id   bigint not null,
    seq        bigint not null check (seq > 0),
    -- rollcall.entry_key(sender, client_id): makes a retry the same entry.
    key        uuid not null,
    -- rollcall.entry_hash(kind, body): tells a retry from another message under the same key.
    hash       uuid not null,
    kind       smallint not null,
    ordinal    bigint not null,
    sender     text not null,
    client_id  text not null check (octet_length(client_id) between 1 and 64),
    body       text not null,
    created_at timestamptz not null,
    primary key (topic_id, seq),
    unique (topic_id, key)
) partition by hash (topic_id);

do $$
begin
    for part in 0..7 loop
        execute format(
            'create table rollcall.entries_%s partition of rollcall.entries '
            'for values with (modulus 8, remainder %s)', part, part);
    end loop;
end
$$;

-- The first 16 bytes of SHA-256 over sender, a zero byte, client_id. The server computes the same.
create function rollcall.entry_key(sender text, client_id text) returns uuid
language sql immutable strict parallel safe as $$
    select encode(substr(sha256(
        convert_to(sender, 'UTF8') || '\x00'::bytea || convert_to(client_id, 'UTF8')
    ), 1, 16), 'hex')::uuid
$$;

-- The first 16 bytes of SHA-256 over kind in decimal, a zero byte, body.
create function rollcall.entry_hash(kind smallint, body text) returns uuid
language sql immutable strict parallel safe as $$
    select encode(substr(sha256(
        convert_to(kind::text, 'UTF8') || '\x00'::bytea || convert_to(body, 'UTF8')
    ), 1, 16), 'hex')::uuid
$$;
