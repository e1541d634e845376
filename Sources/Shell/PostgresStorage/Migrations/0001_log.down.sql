drop function rollcall.entry_hash(smallint, text);
drop function rollcall.entry_key(text, text);
drop table rollcall.entries;
drop table rollcall.heads;
drop function rollcall.renew_epoch();
drop function rollcall.random_epoch();
drop table rollcall.server;
