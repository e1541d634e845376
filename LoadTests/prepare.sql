-- The people and courses that `rollcall-load chat` uses. Run it in the server's database, with
-- the numbers that the run is given:
--
--     psql -v rooms=10 -v members=10 -v people=100 -f LoadTests/prepare.sql
--
-- Seat s of all rooms × members seats belongs to person load-<s mod people + 1> in course
-- load-<s / members + 1>. With `-v processes=N`, as the run's --processes, people and courses are
-- cut into N equal parts first, and each part is seated for itself. Enrolments of earlier runs go;
-- messages stay.

\if :{?processes}
\else
\set processes 1
\endif

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
select
    'load-' || (part * (:rooms / :processes) + s / :members + 1),
    'load-' || (part * (:people / :processes) + s % (:people / :processes) + 1),
    'student'
from
    generate_series(0, :processes - 1) part,
    generate_series(0, :rooms / :processes * :members - 1) s
on conflict (course, person) do nothing;

commit;
