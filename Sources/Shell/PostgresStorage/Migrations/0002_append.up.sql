-- Appending: one call is one batch, one transaction, one flush.
--
-- The caller describes a batch by parallel arrays, one element per row:
--   topic_names  each distinct topic once, in byte order
--   topic_index  which topic the row belongs to, from 1
--   nth          the row's place among the batch's rows of its topic: 1, 2, 3 …
--   post_nth     how many posts there are among those, up to and including this row
-- and gets parallel arrays back, in the order of the rows:
--   verdicts     0 stored now, 1 stored earlier with the same content, 2 conflict
--   seqs, ordinals, stamps  of the entry that is stored under the row's key
--
-- Indexed arguments let the common case run without a join, a sort or a window.

-- What is common to both ways of appending: the insert's target and the answer.
create type rollcall.appended as (
    verdicts smallint[],
    seqs     bigint[],
    ordinals bigint[],
    stamps   timestamptz[]
);

create function rollcall.append(
    topic_names text[], topic_index int[], nth int[], post_nth int[],
    keys uuid[], hashes uuid[], kinds smallint[],
    senders text[], client_ids text[], bodies text[]
) returns rollcall.appended
language plpgsql volatile as $$
declare
    post constant smallint := 1;
    found text[];
    ids bigint[];
    seq_base bigint[];
    ordinal_base bigint[];
    new_rows bigint[];
    new_posts bigint[];
    well_numbered boolean;
    stamp timestamptz;
    answer rollcall.appended;
begin
    -- `nth` must be 1 … n within each topic: a caller's mistake must not become a gap. That
    -- no number occurs twice is left to the primary key.
    select array_agg(t.rows order by t.i), array_agg(t.posts order by t.i),
           bool_and(t.lowest = 1 and t.highest = t.rows and t.tally = t.posts)
    into new_rows, new_posts, well_numbered
    from (
        select u.i, count(*) as rows, count(*) filter (where u.kind = post) as posts,
               min(u.n) as lowest, max(u.n) as highest, max(u.p) as tally
        from unnest(topic_index, nth, post_nth, kinds) u(i, n, p, kind)
        group by u.i
    ) t;
    if well_numbered is not true or cardinality(new_rows) <> cardinality(topic_names) then
        raise exception 'the rows of the batch are not numbered 1 to n within each topic'
            using errcode = 'invalid_parameter_value';
    end if;

    -- The fast path hopes that every topic exists and every row is new. When it is wrong, the
    -- subtransaction takes the inserted rows back and, as important, the locks on the heads.
    begin
        select array_agg(h.topic), array_agg(h.topic_id),
               array_agg(h.last_seq), array_agg(h.last_ordinal)
        into found, ids, seq_base, ordinal_base
        from (
            select * from rollcall.heads
            where topic = any (topic_names)
            order by topic
            for no key update
        ) h;
        if found is distinct from topic_names then
            raise no_data_found;
        end if;

        stamp := clock_timestamp();
        insert into rollcall.entries
            (topic_id, seq, key, hash, kind, ordinal, sender, client_id, body, created_at)
        select ids[u.i], seq_base[u.i] + u.n, u.key, u.hash, u.kind, ordinal_base[u.i] + u.p,
               u.sender, u.client_id, u.body, stamp
        from unnest(topic_index, nth, post_nth, keys, hashes, kinds, senders, client_ids, bodies)
             u(i, n, p, key, hash, kind, sender, client_id, body);

        update rollcall.heads h
        set last_seq = h.last_seq + t.rows, last_ordinal = h.last_ordinal + t.posts
        from unnest(ids, new_rows, new_posts) t(id, rows, posts)
        where h.topic_id = t.id;
    exception
        when unique_violation or no_data_found then
            stamp := null;
    end;

    -- Only here, outside the block: what a block returns is not undone when it fails.
    if stamp is null then
        return rollcall.append_with_repeats(
            topic_names, topic_index, keys, hashes, kinds, senders, client_ids, bodies);
    end if;
    select array_agg(0::smallint), array_agg(seq_base[u.i] + u.n),
           array_agg(ordinal_base[u.i] + u.p), array_agg(stamp)
    into answer
    from unnest(topic_index, nth, post_nth) u(i, n, p);
    return answer;
end
$$;

-- The slow path: some topic is new, or some row was stored before (or twice in this batch).
create function rollcall.append_with_repeats(
    topic_names text[], topic_index int[],
    keys uuid[], hashes uuid[], kinds smallint[],
    senders text[], client_ids text[], bodies text[]
) returns rollcall.appended
language plpgsql volatile as $$
declare
    post constant smallint := 1;
    found text[];
    ids bigint[];
    seq_base bigint[];
    ordinal_base bigint[];
    stamp timestamptz;
    answer rollcall.appended;
begin
    -- First all creations, in order, then all locks, in order. Holding an old head while waiting
    -- for somebody's new one would deadlock. `not exists` spares the identity a hole per retry.
    insert into rollcall.heads (topic)
    select name from unnest(topic_names) name
    where not exists (select from rollcall.heads h where h.topic = name)
    order by name collate "C"
    on conflict do nothing;

    select array_agg(h.topic), array_agg(h.topic_id),
           array_agg(h.last_seq), array_agg(h.last_ordinal)
    into found, ids, seq_base, ordinal_base
    from (
        select * from rollcall.heads
        where topic = any (topic_names)
        order by topic
        for no key update
    ) h;
    if found is distinct from topic_names then
        raise exception 'the topics of the batch are not distinct and in byte order'
            using errcode = 'invalid_parameter_value';
    end if;
    stamp := clock_timestamp();

    -- A statement of its own, so that its snapshot is younger than the locks. By EXECUTE, so that
    -- it is planned for the table as it is now: a cached plan from the table's youth can be
    -- quadratic.
    execute $probe$
        with rows as (
            select u.row, u.i, u.key, u.hash, u.kind,
                   e.seq, e.ordinal, e.hash as stored_hash, e.created_at,
                   e.seq is null
                       and u.row = min(u.row) over (partition by u.i, u.key) as is_new
            from unnest($2, $3, $4, $5) with ordinality u(i, key, hash, kind, row)
            left join rollcall.entries e on e.topic_id = ($1)[u.i] and e.key = u.key
        ), numbered as (
            select *,
                   ($6)[i] + count(*) filter (where is_new) over w as new_seq,
                   ($7)[i] + count(*) filter (where is_new and kind = $8) over w as new_ordinal
            from rows
            window w as (partition by i order by row)
        ), settled as (
            -- A repeat within the batch gets the answer of the first row with its key.
            select row, is_new,
                   coalesce(seq, first_value(new_seq) over w) as seq,
                   coalesce(ordinal, first_value(new_ordinal) over w) as ordinal,
                   coalesce(created_at, $9) as created_at,
                   hash = coalesce(stored_hash, first_value(hash) over w) as is_same
            from numbered
            window w as (partition by i, key order by row)
        )
        select array_agg(case when is_new then 0 when is_same then 1 else 2 end::smallint
                         order by row),
               array_agg(seq order by row),
               array_agg(ordinal order by row),
               array_agg(created_at order by row)
        from settled
    $probe$
    into answer
    using ids, topic_index, keys, hashes, kinds, seq_base, ordinal_base, post, stamp;

    insert into rollcall.entries
        (topic_id, seq, key, hash, kind, ordinal, sender, client_id, body, created_at)
    select ids[u.i], u.seq, u.key, u.hash, u.kind, u.ordinal, u.sender, u.client_id, u.body, stamp
    from unnest(topic_index, answer.verdicts, answer.seqs, answer.ordinals,
                keys, hashes, kinds, senders, client_ids, bodies)
         u(i, verdict, seq, ordinal, key, hash, kind, sender, client_id, body)
    where u.verdict = 0;

    update rollcall.heads h
    set last_seq = h.last_seq + t.rows, last_ordinal = h.last_ordinal + t.posts
    from (
        select u.i, count(*) as rows, count(*) filter (where u.kind = post) as posts
        from unnest(topic_index, kinds, answer.verdicts) u(i, kind, verdict)
        where u.verdict = 0
        group by u.i
    ) t
    where h.topic_id = ids[t.i];

    return answer;
end
$$;
