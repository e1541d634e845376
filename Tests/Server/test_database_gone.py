"""PostgreSQL goes away under a running server: what is durable is refused, the rest goes on, and
it all comes back by itself."""

import asyncio
import time

import pytest

from participant import Participant, check_stream
from rollcall_client import Connection, Refused, new_id

TOPIC = "course:algebra"
PEOPLE = ["ana", "ben", "chloe"]


async def test_an_outage_is_told_survived_and_mended(server):
    people = [Participant(server, person, TOPIC) for person in PEOPLE]
    talk = [asyncio.create_task(keep_talking(one)) for one in people]
    async with await Connection.open(server, "emi") as emi, \
            await Connection.open(server, "farid") as farid:
        course = await emi.join(TOPIC)
        rooms = [await one.join("realtime:room", config={"broadcast": {"ack": True}})
                 for one in (emi, farid)]
        first = await course.say("before")
        await ready(server, 200)

        await asyncio.to_thread(server.database.stop)
        await ready(server, 503)
        refusal = await refused(lambda: course.say("into the void", new_id()))
        assert (refusal.reason, refusal.code) == ("unavailable", 2002)
        assert refusal.retry_after_ms > 0
        refusal = await refused(lambda: course.ask("history"))
        assert refusal.reason == "unavailable"
        for topic in (TOPIC, "user:farid"):
            refusal = await refused(lambda: farid.join(topic))
            assert (refusal.reason, refusal.code) == ("unavailable", 2002)
            assert refusal.retry_after_ms > 0
        assert server.get("/healthz")[0] == 200

        # Nobody was thrown out, and what needs no database goes on, for newcomers too.
        for number in range(20):
            await rooms[0].ask("broadcast", type="broadcast", event="live", payload={"n": number})
        await rooms[1].until(lambda: len(rooms[1].payloads("broadcast")) == 20)
        async with await Connection.open(server, "greta") as greta:
            late = await greta.join("realtime:room", config={"presence": {"enabled": True}})
            await late.ask("presence", type="presence", event="track", payload={"mood": "calm"})
            await late.until(lambda: any(
                diff["joins"] for diff in late.payloads("presence_diff")))
        assert await course.ask("typing") == {}

        acknowledged = sum(len(one.acknowledged) for one in people)
        await asyncio.sleep(1)
        assert acknowledged == sum(len(one.acknowledged) for one in people), "a lie"
        await asyncio.to_thread(server.database.start)
        began = time.monotonic()
        await ready(server, 200)
        again = await eventually(lambda: course.say("after", "after"))
        print(f"durable messages again after {time.monotonic() - began:.1f} s")
        assert again["seq"] > first["seq"]
        await eventually(lambda: farid.join(TOPIC, history=20))
        await eventually(lambda: farid.join("user:farid"))

        # Everybody goes on talking for a while, over the same connections.
        goal = sum(len(one.acknowledged) for one in people) + 10
        while sum(len(one.acknowledged) for one in people) < goal:
            await asyncio.sleep(0.05)
        for task in talk:
            task.cancel()
        await asyncio.wait(talk)
        await asyncio.gather(*(finish(one) for one in people))
        head = server.head_of(TOPIC)
        for one in people:
            await one.hears(head)
            assert one.joins == 1, "an outage of the database is no reason to lose connections"
            await one.stop()
        await course.until(lambda: course.seqs[-1:] == [head])
        assert course.seqs == list(range(course.seqs[0], head + 1))
    log = server.log_of(TOPIC)
    assert [seq for seq, *_ in log] == list(range(1, head + 1))
    for one in people:
        check_stream(one, log, since=one.heard[0]["seq"])
        stored = {client_id: seq for seq, sender, client_id, _ in log if sender == one.person}
        for client_id, seq in one.acknowledged.items():
            assert stored[client_id] == seq


async def test_an_unknown_outcome_holds_up_only_itself(server):
    server.add_course("unknown")
    server.enrol("ana", "ben", course="unknown")
    ana, ben = [await Connection.open(server, name) for name in ("ana", "ben")]
    ana, ben = [await eventually(lambda: one.join("course:unknown")) for one in (ana, ben)]
    # A standby that never comes holds the answer to a commit that is already on disk. The setting
    # is gone after the next start.
    server.sql("alter system set synchronous_standby_names = 'nobody'")
    server.sql("select pg_reload_conf()")
    on_disk = ana.request("message:send", client_id="a", text="on disk")
    while not server.sql("select 1 from pg_stat_activity where wait_event = 'SyncRep'"):
        await asyncio.sleep(0.01)
    server.sql("alter system reset synchronous_standby_names")
    behind = ben.request("message:send", client_id="b", text="behind it")
    await ben.connection.heartbeat()
    await asyncio.to_thread(server.database.stop)
    assert (await refused(lambda: behind)).reason == "unavailable"
    assert (await refused(lambda: ben.say("later", "c"))).reason == "unavailable"
    assert not on_disk.done(), "nobody can know it yet"
    await asyncio.to_thread(server.database.start)
    receipt = await asyncio.wait_for(on_disk, 20)
    assert receipt["seq"] == 1
    assert (await eventually(lambda: ben.say("behind it", "b")))["seq"] == 2
    for one in (ana, ben):
        await one.until(lambda: one.seqs == [1, 2])
        assert one.texts == ["on disk", "behind it"]
        await one.connection.close()


async def test_an_enrolment_that_ends_while_no_server_can_see_it_still_ends(server):
    server.add_course("outage")
    server.enrol("ana", "ben", course="outage")
    ana, ben = [await Connection.open(server, name) for name in ("ana", "ben")]
    # Each loop finds the database again by itself, after the outage of the test before.
    ana, ben = [await eventually(lambda: one.join("course:outage")) for one in (ana, ben)]
    # The change is committed at once, but the server's connections are cut before it can see it.
    await asyncio.to_thread(server.sql, """
        select pg_terminate_backend(pid) from pg_stat_activity
            where application_name like 'rollcall loop%';
        delete from rollcall.enrolments where course = 'outage' and person = 'ben'""")
    began = time.monotonic()
    await ben.until(lambda: ben.payloads("phx_close"))
    print(f"silenced {time.monotonic() - began:.1f} s after its connections were cut")
    assert ben.payloads("system")[0]["reason"] == "not_enrolled"
    await eventually(lambda: ana.say("ben is gone", "gone"))
    await ana.until(lambda: ana.texts == ["ben is gone"])
    assert not ben.messages
    for one in (ana, ben):
        await one.connection.close()


async def keep_talking(one):
    number = 0
    while True:
        number += 1
        await one.say(f"{one.person} says {number}")
        await asyncio.sleep(0.3)


async def finish(one):
    """The retry that a client owes to what it sent last."""
    if client_id := one.unacknowledged:
        receipt = await eventually(
            lambda: one.topic.say(one.sent[client_id], client_id))
        one.acknowledged[client_id] = receipt["seq"]


async def ready(server, status, patience=30):
    deadline = time.monotonic() + patience
    while (await asyncio.to_thread(server.get, "/readyz"))[0] != status:
        assert time.monotonic() < deadline, f"/readyz never said {status}"
        await asyncio.sleep(0.05)


async def refused(ask):
    """The refusal, once there is one. What was under way when the database went waits for it."""
    with pytest.raises(Refused) as refusal:
        async with asyncio.timeout(10):
            await ask()
    return refusal.value


async def eventually(ask):
    """Asks again as long as it is told to."""
    while True:
        try:
            return await ask()
        except Refused as refusal:
            assert refusal.retry_after_ms, f"refused for good: {refusal}"
            await asyncio.sleep(refusal.retry_after_ms / 1_000)
