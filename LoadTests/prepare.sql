-- The people and courses that `rollcall-load chat` uses. Run it in the server's database, with
-- the numbers that the run is given:
--
--     psql -v rooms=10 -v members=10 -v people=100 -f LoadTests/prepare.sql
--
-- Seat s of all rooms × members seats belongs to person load-<s mod people + 1> in course
-- load-<s / members + 1>. Enrolments of earlier runs go; messages stay.

begin;

insert into rollcall.profiles (person, name)
select 'load-' || p, 'Load ' || p
from generate_series(1, :people) p
on conflict (person) do nothing;

insert into rollcall.courses (course, title)
select 'load-' || r, 'Load ' || r
from generate_series(1, :rooms) r
on conflict (course) do nothing;

delete from rollcall.enrolments where course like 'load-%';

insert into rollcall.enrolments (course, person, role)
select 'load-' || (s / :members + 1), 'load-' || (s % :people + 1), 'student'
from generate_series(0, :rooms * :members - 1) s
on conflict (course, person) do nothing;

commit;
