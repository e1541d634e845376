"""Reads the conversations of Protocol/transcripts; the README there says what each line means."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "Protocol" / "transcripts"
NAMES = sorted(path.name for path in FOLDER.glob("*.txt"))


class Unreadable(Exception):
    """A line says nothing that the README knows."""


@dataclass(frozen=True)
class Step:
    """One line. `who` is `@` for the platform, `~` for the clock, else the name of a client;
    `what` is the sign behind the name, and `detail` what the sign takes."""

    line: int
    who: str
    what: str
    detail: Any


def read(name):
    """The steps of the file with this name."""
    return steps((FOLDER / name).read_text())


def steps(text):
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            found.append(Step(number, *_read(line)))
        except ValueError as error:
            raise Unreadable(f"line {number} cannot be read: {line}") from error
    return found


def seconds_of(steps):
    """How long a conversation takes if everybody answers at once."""
    return sum(step.detail for step in steps if step.who == "~" or step.what == ".")


def _read(line):
    who, _, rest = line.partition(" ")
    if who == "@":
        return who, *_fact(rest)
    if who == "~":
        return who, "", _seconds(rest)
    what, _, rest = rest.partition(" ")
    if what not in _DETAILS:
        raise ValueError("an unknown sign")
    return who, what, _DETAILS[what](rest)


def _fact(text):
    """Words at spaces; what begins with a brace or a quote is one word to the end of the line."""
    words, last, quoted = _parts(r"""([^{"]*)("([^"]*)"|\{.*\})?""", text)
    found = words.split()
    if last is not None:
        found.append(last if quoted is None else quoted)
    return found[0], found[1:]


def _seconds(text):
    """`500ms`, `30s`"""
    number, unit = _parts(r"(\d+)(ms|s)", text)
    return int(number) / {"ms": 1000, "s": 1}[unit]


def _connection(text):
    """`vsn=2.0.0`, `vsn=1.0.0 anonymous`: the version, and whether nobody signs in."""
    version, anonymous = _parts(r"vsn=(\S+)( anonymous)?", text)
    return version, anonymous is not None


def _bytes(text):
    """Pairs of hexadecimal digits, and text between single quotes."""
    found = b""
    for index, part in enumerate(text.split("'")):
        found += part.encode() if index % 2 else bytes.fromhex(part)
    return found


def _end(text):
    """Nothing when the line drops, else the code with which the client closes."""
    return int(text) if text else None


def _parts(pattern, text):
    found = re.fullmatch(pattern, text)
    if found is None:
        raise ValueError(f"{text} is not {pattern}")
    return found.groups()


_DETAILS = {
    "+": _connection,
    "-": str.split,
    ">": str,
    "<": json.loads,
    ">>": _bytes,
    "<<": _bytes,
    ".": _seconds,
    "!": int,
    "x": _end,
}
