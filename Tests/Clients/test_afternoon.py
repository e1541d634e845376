"""The client of Protocol/README.md §11, exactly as it is printed there."""

import asyncio
import pathlib
import re

import pytest

from server import ROOT, Server


def printed_client():
    text = (ROOT / "Protocol" / "README.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    namespace = {"__name__": "afternoon"}
    exec(compile(code, str(pathlib.Path("Protocol/README.md")), "exec"), namespace)
    return namespace


async def until(satisfied, seconds=60):
    async with asyncio.timeout(seconds):
        while not satisfied():
            await asyncio.sleep(0.05)


def test_the_printed_client_loses_nothing_when_the_server_is_killed():
    client = printed_client()

    async def test(server):
        url = f"ws://{server.address}/socket/websocket"
        tokens = server.tokens()
        heard = {"ana": [], "ben": []}
        course = {
            person: client["Course"](url, tokens[person], "algebra", heard[person].append)
            for person in heard
        }
        running = [asyncio.create_task(channel.run()) for channel in course.values()]
        for number in range(10):
            await course["ana"].say(f"before {number}")
        await until(lambda: len(heard["ben"]) == 10)
        server.kill()
        for number in range(5):
            await course["ana"].say(f"meanwhile {number}")
        await asyncio.to_thread(server.start)
        await until(lambda: len(heard["ben"]) == 15 and not course["ana"].unsent)
        for messages in heard.values():
            assert [message["seq"] for message in messages] == list(range(1, 16))
        assert len({message["body"]["text"] for message in heard["ben"]}) == 15
        for task in running:
            task.cancel()

    with Server() as server:
        asyncio.run(test(server))


def test_the_printed_client_ends_when_the_room_refuses_it():
    client = printed_client()
    with Server() as server:
        channel = client["Course"](
            f"ws://{server.address}/socket/websocket", server.tokens()["ana"], "networks", print)
        with pytest.raises(client["Refused"], match="no current enrolment"):
            asyncio.run(asyncio.wait_for(channel.run(), 30))
