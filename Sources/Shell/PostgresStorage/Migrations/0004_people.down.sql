drop function rollcall.facts(text[], text[]);
drop view rollcall.directory_contacts;
drop view rollcall.directory_enrolments;
drop view rollcall.directory_courses;
drop view rollcall.directory_profiles;
drop table rollcall.contacts;
drop table rollcall.enrolments;
drop table rollcall.courses;
drop table rollcall.profiles;
