"""Two well-behaved people who go on talking while others misbehave."""

import asyncio
import itertools
import json
import threading
import time

from rollcall_client import Connection, new_id

TOPIC = "course:writing"
ROOM = "realtime:witness"


class Witness:
    """Talks in a thread of its own: broadcasts twenty times a second, messages once a second.

    Whatever goes wrong for them is in `failure`, which ends the talk.
    """

    def __init__(self, server):
        self.server = server
        self.exchanges = 0
        self.slowest = 0.0
        self.failure = None
        self._is_over = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._talk()), daemon=True)

    def __enter__(self):
        self._thread.start()
        self.check()
        return self

    def __exit__(self, *_):
        self._is_over = True
        self._thread.join(30)

    def check(self):
        """Fails unless both are well and hear each other again from now on."""
        goal = self.exchanges + 2
        deadline = time.monotonic() + 20
        while self.exchanges < goal:
            assert self.failure is None, f"harmed a witness: {self.failure!r}"
            assert self.server.is_running, f"the server is gone:\n{self.server.output}"
            assert time.monotonic() < deadline, "the witnesses do not hear each other"
            time.sleep(0.01)

    async def _talk(self):
        try:
            async with await Connection.open(self.server, "greta") as greta, \
                    await Connection.open(self.server, "dmitri") as dmitri:
                await self._exchange(greta, dmitri)
        except BaseException as error:
            self.failure = error

    async def _exchange(self, greta, dmitri):
        rooms = [await one.join(ROOM) for one in (greta, dmitri)]
        courses = [await one.join(TOPIC) for one in (greta, dmitri)]
        first = courses[1].reply["position"]
        seqs = []
        said = 0.0
        for number in itertools.count(1):
            if self._is_over:
                break
            began = time.monotonic()
            await greta.send(json.dumps([
                rooms[0].join_ref, None, ROOM, "broadcast",
                {"type": "broadcast", "event": "tick", "payload": {"n": number}}]))
            await rooms[1].until(lambda: len(rooms[1].payloads("broadcast")) == number)
            self.slowest = max(self.slowest, time.monotonic() - began)
            if began - said > 1.2:
                said = began
                receipt = await courses[0].say(f"tick {number}", new_id())
                seqs.append(receipt["seq"])
            self.exchanges += 1
            await asyncio.sleep(0.05)
        await courses[1].until(lambda: len(courses[1].seqs) >= len(seqs))
        start = int(first.rsplit("-", 1)[1]) + 1
        assert courses[1].seqs == seqs == list(range(start, start + len(seqs))), "order"
