drop function rollcall.forget_access_changes(interval);
drop function rollcall.access_tail(pg_snapshot);
drop function rollcall.watch(regclass, text, text);
-- With the triggers on every table that is watched, the platform's own among them.
drop function rollcall.record_access() cascade;
drop table rollcall.access_changes;
