"""Plays a conversation: does what its clients do, and compares what they hear."""

import asyncio
import json
from collections import deque
from urllib.parse import urlencode

import facts
from lines import LineEnded
from placeholders import Placeholders
from rollcall_client import PATIENCE

# After the last step, for frames that nobody expects.
SETTLING = 0.5


class Deviation(Exception):
    """The conversation went another way than its transcript."""


class Player:
    """One conversation on `server`; `open_line` takes an address."""

    def __init__(self, server, open_line):
        self._server = server
        self._open_line = open_line
        self._placeholders = Placeholders()
        self._clients = {}

    async def play(self, steps):
        try:
            for step in steps:
                try:
                    await self._play(step)
                except Deviation as deviation:
                    raise Deviation(f"line {step.line}: {deviation}") from None
            await asyncio.sleep(SETTLING)
            for client in self._clients.values():
                client.expects_nothing()
        finally:
            for client in self._clients.values():
                await client.drop()

    async def _play(self, step):
        if step.who == "@":
            return await asyncio.to_thread(facts.write, self._server, step.what, step.detail)
        if step.who == "~":
            return await asyncio.sleep(step.detail)
        client = self._clients.setdefault(step.who, Client(step.who))
        match step.what:
            case "+":
                await self._connect(client, *step.detail)
            case "-":
                client.ignored.update(step.detail)
            case ">":
                await client.say(self._said(step.detail))
            case ">>":
                await client.say(step.detail)
            case "<":
                self._compare(step.detail, await client.next())
            case "<<":
                if (heard := await client.next()) != step.detail:
                    raise Deviation(f"heard {heard!r}")
            case ".":
                await asyncio.sleep(step.detail)
                client.expects_nothing()
            case "!":
                await client.is_closed(step.detail)
            case "x" if step.detail is None:
                await client.drop()
            case "x":
                await client.close(step.detail)

    async def _connect(self, client, version, is_anonymous):
        # `ana/phone` is a device of `ana`.
        person = None if is_anonymous else client.name.partition("/")[0]
        query = urlencode({"vsn": version, "token": self._server.token(person)})
        client.connected(await self._open_line(f"{self._server.websocket_url}?{query}"))

    def _said(self, text):
        try:
            return json.dumps(self._placeholders.filled(json.loads(text)), ensure_ascii=False)
        except ValueError:
            # Some conversations begin with a misunderstanding.
            return text

    def _compare(self, expected, frame):
        if not isinstance(frame, str):
            raise Deviation(f"heard {frame!r}")
        if not self._placeholders.match(expected, json.loads(frame)):
            raise Deviation(f"heard {frame}")


class Client:
    """Somebody in the conversation, on one line at a time."""

    def __init__(self, name):
        self.name = name
        self.ignored = set()
        self._line = None
        self._listener = None
        self._heard = deque()
        self._closed_with = None
        self._news = asyncio.Event()

    def connected(self, line):
        self._heard.clear()
        self._closed_with = None
        self._line = line
        self._listener = asyncio.create_task(self._listen(line))

    async def say(self, frame):
        await self._line.say(frame)

    async def next(self):
        """The next frame that is part of the conversation."""
        await self._until(lambda: self._relevant() or self._closed_with)
        if not self._relevant():
            raise Deviation(f"heard nothing, and was closed with {self._closed_with}"
                            if self._closed_with else "heard nothing")
        return self._heard.popleft()

    async def is_closed(self, code):
        """The server closes with `code`; that it did so is no surprise at the end."""
        await self._until(lambda: self._closed_with)
        if self._closed_with != code:
            raise Deviation(f"closed with {self._closed_with}")
        self._closed_with = None

    def expects_nothing(self):
        if self._relevant():
            raise Deviation(f"{self.name} heard {self._heard[0]}")
        if self._closed_with:
            raise Deviation(f"{self.name} was closed with {self._closed_with}")

    async def drop(self):
        if self._line:
            self._listener.cancel()
            await self._line.drop()
            self._line = None

    async def close(self, code):
        self._listener.cancel()
        await self._line.close(code)
        self._line = None

    async def _listen(self, line):
        try:
            while True:
                self._heard.append(await line.hear())
                self._news.set()
        except LineEnded as end:
            self._closed_with = end.code
            self._news.set()

    def _relevant(self):
        """Whether anything was heard, beside what is ignored."""
        while self.ignored and self._heard and event_of(self._heard[0]) in self.ignored:
            self._heard.popleft()
        return bool(self._heard)

    async def _until(self, is_so):
        """Waits until `is_so()`, or until nobody would wait any longer."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not is_so():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass


def event_of(frame):
    """The event of a text frame of either version; binary frames have none to ignore."""
    if isinstance(frame, bytes):
        return None
    envelope = json.loads(frame)
    return envelope["event"] if isinstance(envelope, dict) else envelope[3]
