"""Lines of a transcript are read as the README says, and no others."""

import pytest

import transcript
from transcript import Step, Unreadable, steps


@pytest.mark.parametrize("line, who, what, detail", [
    ("@ course math", "@", "course", ["math"]),
    ('@ person ana "Ana B."', "@", "person", ["ana", "Ana B."]),
    ('@ publish user:ana {"a": "b c"}', "@", "publish", ["user:ana", '{"a": "b c"}']),
    ("~ 30s", "~", "", 30),
    ("~ 500ms", "~", "", 0.5),
    ("ana/phone + vsn=1.0.0", "ana/phone", "+", ("1.0.0", False)),
    ("guest + vsn=2.0.0 anonymous", "guest", "+", ("2.0.0", True)),
    ("ana - presence_state presence_diff", "ana", "-", ["presence_state", "presence_diff"]),
    ("ana > no JSON", "ana", ">", "no JSON"),
    ("ana < [null]", "ana", "<", [None]),
    ("ana >> 03 01 'text 1' ff", "ana", ">>", b"\x03\x01text 1\xff"),
    ("ana . 2s", "ana", ".", 2),
    ("ana ! 4001", "ana", "!", 4001),
    ("ana x", "ana", "x", None),
    ("ana x 1000", "ana", "x", 1000),
])
def test_a_line_is_read(line, who, what, detail):
    assert steps(f"# a comment\n\n{line}\n") == [Step(3, who, what, detail)]


@pytest.mark.parametrize("line", [
    "ana ? what", "ana", "~ 3 minutes", "ana < [", "ana >> 3", "ana + 2.0.0", "ana x soon",
    "ana ! badly", '@ person ana "Ana'])
def test_a_line_that_says_nothing_is_refused_with_its_number(line):
    with pytest.raises(Unreadable, match="line 2 "):
        steps(f"\n{line}")


def test_pauses_add_up():
    assert transcript.seconds_of(steps("~ 2s\nana . 500ms\nana x")) == 2.5
