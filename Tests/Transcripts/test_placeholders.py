"""A placeholder is bound once."""

from placeholders import Placeholders


def test_a_name_is_what_it_was_first():
    placeholders = Placeholders()
    assert placeholders.match({"at": "<at>"}, {"at": 5})
    assert placeholders.match(["<at>"], [5])
    assert not placeholders.match("<at>", 6)
    assert placeholders.filled(["<at>", "<unknown>"]) == [5, "<unknown>"]


def test_anything_is_anything_each_time():
    placeholders = Placeholders()
    assert placeholders.match(["<_>", "<_>"], [1, {"two": 2}])


def test_part_of_a_text():
    placeholders = Placeholders()
    assert not placeholders.match("<epoch>-12", "k3x9-1")
    assert not placeholders.match("<epoch>-12", "-12")
    assert not placeholders.match("<epoch>-12", 12)
    assert placeholders.match("<epoch>-12", "k3x9-12")
    assert placeholders.match("<epoch>-13", "k3x9-13")
    assert not placeholders.match("<epoch>-13", "other-13")
    assert placeholders.filled({"position": "<epoch>-99"}) == {"position": "k3x9-99"}


def test_neither_more_nor_fewer_members_nor_another_type():
    placeholders = Placeholders()
    assert placeholders.match({"a": 1, "b": None}, {"b": None, "a": 1})
    for pattern, value in [
            ({"a": 1}, {"a": 1, "b": 2}), ({"a": 1, "b": 2}, {"a": 1}), ([1], [1, 2]),
            (True, 1), (0, False), (None, False), ({}, []), ("1", 1)]:
        assert not placeholders.match(pattern, value)
