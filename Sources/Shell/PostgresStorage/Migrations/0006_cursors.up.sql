-- How far each person has read each topic. One number serves unread counts and read receipts.

create table rollcall.cursors (
    person   text not null,
    topic_id bigint not null,
    ordinal  bigint not null,
    primary key (person, topic_id)
);

-- Moves the cursor forward, never back and never beyond the head, and returns where it stands: 0 in
-- a topic in which nothing was said.
create function rollcall.advance_cursor(reader text, in_topic text, target bigint) returns bigint
language plpgsql volatile as $$
declare
    head rollcall.heads;
    reached bigint;
begin
    select * into head from rollcall.heads where topic = in_topic;
    if not found then
        return 0;
    end if;
    insert into rollcall.cursors as mine (person, topic_id, ordinal)
    values (reader, head.topic_id, least(greatest(target, 0), head.last_ordinal))
    on conflict (person, topic_id) do update set ordinal = excluded.ordinal
        where mine.ordinal < excluded.ordinal
    returning ordinal into reached;
    if reached is null then
        select ordinal into reached from rollcall.cursors
        where person = reader and topic_id = head.topic_id;
    end if;
    return reached;
end
$$;
