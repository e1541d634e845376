"""A conversation that goes another way than it is written fails."""

import asyncio
import json

import pytest

import player
from lines import LineEnded
from player import Deviation, Player
from transcript import steps


class Echo:
    """A line that says everything back, and what was put into `unasked` first."""

    def __init__(self, unasked):
        self._heard = asyncio.Queue()
        for news in unasked:
            self._heard.put_nowait(news)

    async def say(self, frame):
        self._heard.put_nowait(frame)

    async def hear(self):
        news = await self._heard.get()
        if isinstance(news, int):
            raise LineEnded(news)
        return news

    async def drop(self):
        self._heard.put_nowait(1006)


class NoServer:
    websocket_url = "ws://nowhere"

    @staticmethod
    def token(person):
        return person or "nobody"


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    monkeypatch.setattr(player, "PATIENCE", 0.05)
    monkeypatch.setattr(player, "SETTLING", 0.01)


def play(text, *unasked):
    async def open_line(_):
        return Echo(unasked)

    asyncio.run(Player(NoServer(), open_line).play(steps(f"ana + vsn=2.0.0\n{text}")))


def envelope(event):
    return json.dumps([None, None, "topic", event, {}])


def test_what_is_written_passes():
    play('ana > ["1"]\nana < ["<a>"]\nana > ["<a>-2"]\nana < ["1-2"]')
    play("ana >> 00 01\nana << 00 01")
    play("ana ! 4002", 4002)
    play("ana x\nana . 1ms")
    play("ana - noise\nana < [null, null, \"topic\", \"news\", {}]\nana . 1ms",
         envelope("noise"), envelope("news"), envelope("noise"))


@pytest.mark.parametrize("text, unasked, complaint", [
    ('ana > ["1"]\nana < ["2"]', [], 'line 3: heard .*"1"'),
    ('ana < ["1"]', [], "line 2: heard nothing$"),
    ('ana < ["1"]', [4001], "line 2: heard nothing, and was closed with 4001"),
    ("ana << 00", [b"\x01"], "line 2: heard"),
    ("ana < [1]", [b"\x01"], "line 2: heard"),
    ("ana . 10ms", [envelope("news")], "line 2: ana heard"),
    ("ana . 10ms", [4001], "line 2: ana was closed with 4001"),
    ("ana ! 4001", [4002], "line 2: closed with 4002"),
    ("ana ! 4001", [], "line 2: closed with None"),
    ("", [envelope("news")], "^ana heard"),
    ("", [4002], "^ana was closed with 4002"),
])
def test_anything_else_fails(text, unasked, complaint):
    with pytest.raises(Deviation, match=complaint):
        play(text, *unasked)
