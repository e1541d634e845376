"""Two servers on one database: one order, for the members of both."""

import asyncio
import random
import time

import pytest

from conftest import directory
from participant import Participant, check_ledger, check_stream
from rollcall_client import Connection
from rollcall_server import Server

TOPIC = "course:algebra"


@pytest.fixture(scope="module")
def other(server):
    """A second server on the first one's database, trusting the same tokens."""
    with directory() as data:
        other = Server(
            data, database_url=server.database.url,
            arguments=("--jwt-secret-file", str(server.data / "jwt-secret")))
        other.token = server.token
        try:
            other.start()
            yield other
        finally:
            other.stop()


async def test_both_append_to_one_topic_without_gap_or_double(server, other):
    names = [f"both-{number}" for number in range(6)]
    server.enrol(*names)
    people = [
        Participant(one, name, TOPIC) for one, name in zip([server, other] * 3, names)]
    listeners = [Participant(server, "ana", TOPIC), Participant(other, "ben", TOPIC)]

    async def talk(one):
        for number in range(40):
            await one.say(f"{one.person} says {number}")

    await asyncio.gather(*(talk(one) for one in people))
    head = server.head_of(TOPIC)
    for one in people + listeners:
        await one.hears(head)
        await one.stop()
    log = server.log_of(TOPIC)
    assert len(log) == 40 * len(people)
    check_ledger(people, log)
    for one in people + listeners:
        check_stream(one, log)


async def test_the_same_client_id_on_both_at_once_is_stored_once(server, other):
    server.add_course("twice")
    server.enrol("ana", "ben", course="twice")
    here = await (await Connection.open(server, "ana")).join("course:twice")
    there = await (await Connection.open(other, "ana")).join("course:twice")
    order = random.Random(7)
    for number in range(25):
        ask = [topic.say(f"text {number}", f"id {number}") for topic in (here, there)]
        order.shuffle(ask)
        first, second = await asyncio.gather(*ask)
        assert first["seq"] == second["seq"] == number + 1
        assert sorted([first["repeat"], second["repeat"]]) == [False, True]
    assert [seq for seq, *_ in server.log_of("course:twice")] == list(range(1, 26))
    for topic in (here, there):
        await topic.until(lambda: len(topic.seqs) >= 25)
        assert topic.seqs == list(range(1, 26))
        await topic.connection.close()


async def test_what_one_server_commits_the_other_delivers_by_comparing_heads(server, other):
    server.add_course("far")
    server.enrol("ana", "ben", course="far")
    here = await (await Connection.open(server, "ana")).join("course:far")
    there = await (await Connection.open(other, "ben")).join("course:far")
    longest = 0
    for number in range(1, 5):
        receipt = await here.say(f"number {number}")
        committed = time.monotonic()
        await there.until(lambda: there.seqs and there.seqs[-1] == receipt["seq"])
        longest = max(longest, time.monotonic() - committed)
    print(f"the other server's members heard after {longest * 1000:.0f} ms at most")
    assert there.seqs == here.seqs == [1, 2, 3, 4]
    # A position that only the first server has delivered is real at the second.
    receipt = await here.say("fresh")
    late = await (await Connection.open(other, "ben")).join(
        "course:far", position=receipt["position"])
    assert late.reply["resume"] == "resumed"
    for topic in (here, there, late):
        await topic.connection.close()


async def test_a_server_that_is_killed_leaves_its_members_to_the_other(server, other):
    server.add_course("moving")
    server.enrol("ana", "ben", course="moving")
    there = await (await Connection.open(other, "ben")).join("course:moving")
    receipt = await there.say("before", "b1")
    await there.until(lambda: there.seqs == [1])
    other.kill()
    here = await (await Connection.open(server, "ben")).join(
        "course:moving", position=there.position)
    assert here.reply["resume"] == "resumed"
    again = await here.say("before", "b1")
    assert (again["seq"], again["repeat"]) == (receipt["seq"], True)
    await here.say("after")
    await here.until(lambda: here.seqs == [2])
    await here.connection.close()
    await asyncio.to_thread(other.start)
