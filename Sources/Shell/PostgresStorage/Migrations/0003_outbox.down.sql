drop function rollcall.drain(int);
drop function rollcall.notify(text, jsonb, text, text);
drop function rollcall.publish(text, text, jsonb, text);
drop table rollcall.outbox;
drop function rollcall.wake_outbox();
