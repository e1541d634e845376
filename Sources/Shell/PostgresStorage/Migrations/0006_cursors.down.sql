drop function rollcall.advance_cursor(text, text, bigint);
drop table rollcall.cursors;
