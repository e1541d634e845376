"""A client of the Rollcall protocol (Protocol/README.md), version 2, as small as tests need it.

    async with await Connection.open(server, "ana") as ana:
        course = await ana.join("course:algebra", history=20)
        receipt = await course.say("hello")
        await course.until(lambda: course.seqs[-1] >= receipt["seq"])
"""

import asyncio
import itertools
import json
import uuid
from urllib.parse import urlencode

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

# How long anything may take before a test says that it never came. No test is faster or slower
# for it: it only has to be longer than a busy machine hesitates.
PATIENCE = 20


class Refused(Exception):
    """The server answered `error`."""

    def __init__(self, response):
        super().__init__(f"{response.get('reason')}: {response.get('message')}")
        self.response = response
        self.reason = response.get("reason")
        self.code = response.get("code")
        self.retry_after_ms = response.get("retry_after_ms")


class Disconnected(Exception):
    """The connection ended; `code` is the close code, 1006 when there was none."""

    def __init__(self, code):
        super().__init__(f"closed with {code}")
        self.code = code


class Connection:
    """One WebSocket. Everything that arrives is kept, by topic, in the order of arrival."""

    def __init__(self, socket):
        self.socket = socket
        self.topics = {}
        self.strays = []
        self.close_code = None
        self._refs = itertools.count(1)
        self._replies = {}
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, server, person=None, *, token=None, **query):
        """Connects as `person`, or with a token of the test's own."""
        query = {"vsn": "2.0.0", "token": token or server.token(person), **query}
        socket = await connect(
            f"{server.websocket_url}?{urlencode(query)}",
            max_size=None, ping_interval=None, open_timeout=PATIENCE, close_timeout=1)
        return cls(socket)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.close()

    async def close(self):
        """Leaves on purpose, with code 1000."""
        await self.socket.close()
        await self._reader

    async def drop(self):
        """The cable is cut: no close frame, no word."""
        self.socket.transport.abort()
        await self._reader

    async def join(self, name, **parameters):
        """Joins and returns the topic; raises `Refused`."""
        topic = Topic(self, name, join_ref=str(next(self._refs)))
        self.topics[name] = topic
        topic.reply = await self.ask(name, "phx_join", parameters, topic.join_ref, topic.join_ref)
        return topic

    async def ask(self, topic, event, payload, join_ref=None, ref=None):
        """Sends a request and waits for its answer."""
        return await asyncio.wait_for(
            self.request(topic, event, payload, join_ref, ref), PATIENCE)

    def request(self, topic, event, payload, join_ref=None, ref=None):
        """Sends a request at once; await the result for its answer, however long it takes."""
        ref = ref or str(next(self._refs))
        reply = asyncio.get_running_loop().create_future()
        self._replies[ref] = reply
        frame = json.dumps([join_ref, ref, topic, event, payload])
        return asyncio.create_task(self._exchange(frame, reply))

    async def send(self, frame):
        """Sends a text (str) or binary (bytes) message as it is."""
        try:
            await self.socket.send(frame)
        except ConnectionClosed:
            raise Disconnected(self.socket.close_code) from None

    async def heartbeat(self):
        await self.ask("phoenix", "heartbeat", {})

    async def until(self, condition, patience=PATIENCE):
        """Waits until `condition()` holds; it is looked at whenever something arrived."""
        try:
            async with asyncio.timeout(patience):
                while not condition():
                    if self.close_code is not None:
                        raise Disconnected(self.close_code)
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited {patience} s in vain") from None

    async def closed(self, patience=PATIENCE):
        """Waits for the end and returns the close code."""
        await asyncio.wait_for(asyncio.shield(self._reader), patience)
        return self.close_code

    async def _exchange(self, frame, reply):
        await self.send(frame)
        return await reply

    async def _read(self):
        try:
            async for message in self.socket:
                self._take(message)
        except ConnectionClosed:
            pass
        self.close_code = self.socket.close_code or 1006
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(Disconnected(self.close_code))
                reply.exception()  # Nobody may be waiting for it.
        self._tell()

    def _take(self, message):
        if isinstance(message, bytes):
            self.strays.append(message)
            return self._tell()
        _, ref, name, event, payload = json.loads(message)
        reply = self._replies.pop(ref, None) if event == "phx_reply" else None
        if reply is not None and not reply.done():
            if payload["status"] == "ok":
                reply.set_result(payload["response"])
            else:
                reply.set_exception(Refused(payload["response"]))
        elif name in self.topics and event != "phx_reply":
            self.topics[name].pushes.append((event, payload))
        else:
            self.strays.append((name, event, payload))
        self._tell()

    def _tell(self):
        self._news.set()
        self._news = asyncio.Event()


class Topic:
    """One joined topic of a connection."""

    def __init__(self, connection, name, join_ref):
        self.connection = connection
        self.name = name
        self.join_ref = join_ref
        self.reply = {}
        self.pushes = []

    async def ask(self, event, /, **payload):
        return await self.connection.ask(self.name, event, payload, self.join_ref)

    def request(self, event, /, **payload):
        return self.connection.request(self.name, event, payload, self.join_ref)

    async def say(self, text, client_id=None):
        """Sends a message and returns its receipt: position, seq, at, repeat."""
        return await self.ask("message:send", client_id=client_id or new_id(), text=text)

    async def leave(self):
        await self.ask("phx_leave")

    async def until(self, condition, patience=PATIENCE):
        await self.connection.until(condition, patience)

    def payloads(self, event):
        return [payload for name, payload in self.pushes if name == event]

    @property
    def messages(self):
        """The durable entries, as they came."""
        return [p for name, p in self.pushes if name in ("message:new", "notification:new")]

    @property
    def seqs(self):
        return [message["seq"] for message in self.messages]

    @property
    def texts(self):
        return [message["body"]["text"] for message in self.messages]

    @property
    def position(self):
        """What to resume from: the last entry's position, or the head at the join."""
        messages = self.messages
        return messages[-1]["position"] if messages else self.reply["position"]


def new_id():
    return uuid.uuid4().hex
