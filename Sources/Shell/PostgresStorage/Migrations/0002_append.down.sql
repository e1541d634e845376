drop function rollcall.append(
    text[], int[], int[], int[], uuid[], uuid[], smallint[], text[], text[], text[]);
drop function rollcall.append_with_repeats(
    text[], int[], uuid[], uuid[], smallint[], text[], text[], text[]);
drop type rollcall.appended;
