-- People and courses to try things with. Loading it again changes nothing.

insert into rollcall.profiles (person, name, role) values
    ('ana',   'Ana Souza',       'student'),
    ('ben',   'Ben Okafor',      'student'),
    ('chloe', 'Chloé Martin',    'student'),
    ('dmitri', 'Dmitri Volkov',  'student'),
    ('emi',   'Emi Tanaka',      'assistant'),
    ('farid', 'Farid Haddad',    'instructor'),
    ('greta', 'Greta Lindqvist', 'instructor'),
    ('hugo',  'Hugo Ferreira',   'agent'),
    ('ines',  'Inês Carvalho',   'admin')
on conflict do nothing;

insert into rollcall.courses (course, title) values
    ('algebra',  'Linear Algebra'),
    ('writing',  'Academic Writing'),
    ('networks', 'Computer Networks')
on conflict do nothing;

insert into rollcall.enrolments (course, person, role) values
    ('algebra',  'farid',  'instructor'),
    ('algebra',  'emi',    'assistant'),
    ('algebra',  'ana',    'student'),
    ('algebra',  'ben',    'student'),
    ('algebra',  'chloe',  'student'),
    ('writing',  'greta',  'instructor'),
    ('writing',  'ana',    'student'),
    ('writing',  'dmitri', 'student'),
    ('networks', 'farid',  'instructor'),
    ('networks', 'greta',  'instructor'),
    ('networks', 'ben',    'student'),
    ('networks', 'chloe',  'student'),
    ('networks', 'dmitri', 'student')
on conflict do nothing;
