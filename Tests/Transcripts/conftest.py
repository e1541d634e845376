"""Plays every conversation that was selected before the first test asks how one went."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "Clients"), str(TESTS / "Server")]

import transcript  # noqa: E402
from lines import PythonLine, open_browser  # noqa: E402
from player import Player  # noqa: E402
from server import Server  # noqa: E402

# How long a conversation may take beyond its own pauses, on a busy machine.
HESITATION = 90


@pytest.fixture(scope="session")
def outcomes(request):
    """What came of each conversation, by player and name: None, or the exception it ended with.

    All are played at once, because most of them mostly wait: real time passes, up to a minute,
    where the simulation turns its clock. Names occur once in a database, so each player has a
    server of its own.
    """
    selected = {"python": [], "browser": []}
    for item in request.session.items:
        if "outcomes" in item.fixturenames:
            selected[item.callspec.params["player"]].append(item.callspec.params["name"])
    return asyncio.run(everything(selected))


async def everything(selected):
    # Both start before anybody plays: starting one would hold up the other's conversations.
    with Server() as first, Server() as second:
        python, browser = await asyncio.gather(
            all_of(selected["python"], first, PythonLine.open),
            from_browser(selected["browser"], second))
    return {"python": python, "browser": browser}


async def from_browser(names, server):
    executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    async with open_browser(f"http://{server.address}/", executable) as browser:
        return await all_of(names, server, browser.open)


async def all_of(names, server, open_line):
    ends = await asyncio.gather(
        *(one(name, server, open_line) for name in names), return_exceptions=True)
    return dict(zip(names, ends))


async def one(name, server, open_line):
    steps = transcript.read(name)
    async with asyncio.timeout(transcript.seconds_of(steps) + HESITATION):
        await Player(server, open_line).play(steps)
