"""Supabase's Python client from PyPI, unmodified, against the real server."""

import asyncio
import contextlib

import pytest
from realtime import AsyncRealtimeClient

from server import Server

# Waiting is for events, not for time; this only ends a test that would wait for ever.
PATIENCE = 30


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@contextlib.asynccontextmanager
async def client(server, token):
    socket = AsyncRealtimeClient(f"ws://{server.address}/realtime/v1", token)
    await socket.connect()
    try:
        yield socket
    finally:
        await socket.close()


def options(ack=False, own=False, key="", presence=False, private=False):
    return {"config": {
        "broadcast": {"ack": ack, "self": own}, "private": private,
        "presence": {"key": key, "enabled": presence}}}


class Heard:
    """What callbacks said, to wait for."""

    def __init__(self):
        self.items = []
        self.changed = asyncio.Event()

    def __call__(self, *arguments):
        self.items.append(arguments[0] if len(arguments) == 1 else arguments)
        self.changed.set()

    async def until(self, satisfied):
        async with asyncio.timeout(PATIENCE):
            while not satisfied(self.items):
                self.changed.clear()
                await self.changed.wait()
        return self.items


async def join(channel):
    states = Heard()
    await channel.subscribe(lambda state, error: states((state.value, error)))
    await states.until(lambda seen: seen and seen[-1][0] == "SUBSCRIBED")
    return states


def run(test):
    asyncio.run(asyncio.wait_for(test, 90))


def test_a_broadcast_reaches_the_others_and_itself_only_on_request(server):
    async def test():
        tokens = server.tokens()
        async with client(server, tokens["ana"]) as ana, client(server, tokens["ben"]) as ben:
            ours = ana.channel("lobby", options(own=True, ack=True))
            theirs = ben.channel("lobby", options())
            at_ana, at_ben = Heard(), Heard()
            ours.on_broadcast("move", at_ana)
            theirs.on_broadcast("move", at_ben)
            await join(ours)
            await join(theirs)
            await theirs.send_broadcast("move", {"n": 1})
            await at_ana.until(lambda items: len(items) == 1)
            await ours.send_broadcast("move", {"n": 2})
            await at_ana.until(lambda items: len(items) == 2)
            await at_ben.until(lambda items: len(items) == 1)
            assert [item["payload"]["n"] for item in at_ana.items] == [1, 2]
            assert [item["payload"]["n"] for item in at_ben.items] == [2]
    run(test())


def test_presence_is_tracked_updated_and_untracked(server):
    async def test():
        tokens = server.tokens()
        async with client(server, tokens["ana"]) as ana, client(server, tokens["ben"]) as ben:
            ours = ana.channel("room", options(key="ana", presence=True))
            theirs = ben.channel("room", options(key="ben", presence=True))
            joins, leaves = Heard(), Heard()
            theirs.on_presence_join(lambda key, _, metas: joins((key, metas)))
            theirs.on_presence_leave(lambda key, _, metas: leaves((key, metas)))
            theirs.on_presence_sync(lambda: None)
            await join(ours)
            await join(theirs)
            await ours.track({"mood": "curious"})
            await joins.until(lambda items: len(items) == 1)
            await ours.track({"mood": "sure"})
            await joins.until(lambda items: len(items) == 2)
            assert [metas[0]["mood"] for _, metas in joins.items] == ["curious", "sure"]
            await ours.untrack()
            await leaves.until(lambda items: len(items) == 2)
            assert theirs.presence_state() == {}
    run(test())


def test_a_course_is_joined_by_its_alias_and_talked_in(server):
    async def test():
        tokens = server.tokens()
        async with client(server, tokens["ana"]) as ana, client(server, tokens["ben"]) as ben:
            ours = ana.channel("course:algebra", options(private=True))
            theirs = ben.channel("course:algebra", options(private=True))
            heard = Heard()
            theirs.on_broadcast("message:new", heard)
            await join(ours)
            await join(theirs)
            await ours.send_broadcast("message:send", {"client_id": "py-1", "text": "Olá"})
            await heard.until(lambda items: len(items) == 1)
            message = heard.items[0]["payload"]
            assert message["body"]["text"] == "Olá"
            assert message["sender"] == "ana"
            assert message["meta"]["id"] == message["position"]
    run(test())


def test_what_is_not_a_members_is_refused_with_a_reason(server):
    async def test():
        async with client(server, server.tokens()["ben"]) as ben:
            states = Heard()
            for name in ["course:writing", "secret"]:
                channel = ben.channel(name, options(private=True))
                await channel.subscribe(lambda state, error: states((state.value, str(error))))
            await states.until(lambda seen: len(seen) >= 2)
            for state, error in states.items[:2]:
                assert state == "CHANNEL_ERROR"
                assert "Unauthorized" in error
    run(test())


def test_after_a_crash_of_the_server_it_rejoins_by_itself_and_resumes_at_its_position():
    async def test(server):
        tokens = server.tokens()
        async with client(server, tokens["ana"]) as ana:
            channel = ana.channel("course:algebra", options(private=True))
            heard = Heard()

            def hear(message):
                # One line of the application's: the next rejoin continues here.
                parameters["position"] = message["payload"]["position"]
                channel.join_push.update_payload(parameters)
                heard(message["payload"]["body"]["text"])

            parameters = {**options(private=True), "history": 20}
            channel.join_push.update_payload(parameters)
            channel.on_broadcast("message:new", hear)
            await join(channel)
            server.sql("select rollcall.publish('course:algebra', 'farid', '{\"text\": \"one\"}')")
            await heard.until(lambda items: items[-1:] == ["one"])
            server.kill()
            server.start()
            server.sql("select rollcall.publish('course:algebra', 'farid', '{\"text\": \"two\"}')")
            await heard.until(lambda items: "two" in items)
            server.sql("select rollcall.publish('course:algebra', 'farid', '{\"text\": \"three\"}')")
            await heard.until(lambda items: "three" in items)
            assert heard.items == ["one", "two", "three"]

    with Server() as own:
        run(test(own))
