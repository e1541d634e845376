"""kill -9: what was acknowledged is there once, in order, and everybody hears all of it."""

import asyncio
import random
import time

from participant import Participant, check_ledger, check_stream
from rollcall_client import Connection, Disconnected

TOPIC = "course:algebra"
SEED = 20_250_711
KILLS = 6
SENDERS = [f"sender-{number}" for number in range(6)]


async def test_six_kills_at_random_moments_lose_repeat_and_disorder_nothing(server):
    server.enrol(*SENDERS, "listener")
    moments = random.Random(SEED)
    people = [Participant(server, person, TOPIC) for person in SENDERS]
    listener = Participant(server, "listener", TOPIC)
    talk = [asyncio.create_task(keep_talking(one)) for one in people]
    for kill in range(KILLS):
        before = sum(len(one.acknowledged) for one in people)
        await until(lambda: sum(len(one.acknowledged) for one in people) > before)
        await asyncio.sleep(moments.uniform(0.05, 0.6))
        server.kill()
        await asyncio.to_thread(server.start)
    for task in talk:
        task.cancel()
    await asyncio.wait(talk)
    for one in people:
        if one.unacknowledged:
            await finish(one)
    head = server.head_of(TOPIC)
    for one in [*people, listener]:
        await one.hears(head)
        await one.stop()
    log = server.log_of(TOPIC)
    check_ledger(people, log)
    for one in [*people, listener]:
        check_stream(one, log)
        assert one.joins >= KILLS, f"{one.person} was not there in every life of the server"
    repeats = sum(one.repeats for one in people)
    print(f"{len(log)} messages over {KILLS} kills, {repeats} retries answered as repeats")


async def test_a_kill_between_commit_and_acknowledgement_answers_the_retry_as_a_repeat(server):
    server.add_course("kill")
    server.enrol("ana", "ben", course="kill")
    # The commit comes half a second after the insert, so that the server can be stopped before it
    # hears of it.
    slow_down_entries(server)
    ana = await Connection.open(server, "ana")
    course = await ana.join("course:kill")
    lost = course.request("message:send", client_id="once", text="between")
    await until(lambda: is_appending(server))
    server.pause()
    await until(lambda: server.head_of("course:kill") == 1)
    server.kill()
    try:
        await lost
        assert False, "acknowledged by a stopped server"
    except Disconnected:
        pass
    await asyncio.to_thread(server.start)
    server.sql("drop trigger slow_down on rollcall.entries")
    async with await Connection.open(server, "ana") as ana:
        course = await ana.join("course:kill", position=f"{server.epoch}-0")
        receipt = await course.say("between", "once")
        assert (receipt["seq"], receipt["repeat"]) == (1, True)
        await course.until(lambda: course.seqs == [1])
        await course.say("after")
        await course.until(lambda: course.seqs == [1, 2])
    assert [text for *_, text in server.log_of("course:kill")] == ["between", "after"]


async def test_a_commit_whose_answer_the_database_lost_is_acknowledged_once(server):
    server.add_course("unknown")
    server.enrol("ana", course="unknown")
    async with await Connection.open(server, "ana") as ana:
        course = await ana.join("course:unknown")
        # A standby that never comes holds the answer to a commit that is already on disk.
        configure(server, "alter system set synchronous_standby_names = 'nobody'")
        pending = course.request("message:send", client_id="once", text="on disk")
        await until(lambda: writer_waiting_for_standby(server))
        server.sql(f"select pg_terminate_backend({writer_waiting_for_standby(server)})")
        configure(server, "alter system reset synchronous_standby_names")
        receipt = await asyncio.wait_for(pending, 20)
        assert receipt["seq"] == 1
        again = await course.say("on disk", "once")
        assert (again["seq"], again["repeat"]) == (1, True)
        await course.until(lambda: course.seqs == [1])
    assert len(server.log_of("course:unknown")) == 1


async def test_a_writer_terminated_before_its_commit_sends_the_message_again(server):
    server.add_course("again")
    server.enrol("ana", course="again")
    slow_down_entries(server)
    async with await Connection.open(server, "ana") as ana:
        course = await ana.join("course:again")
        pending = course.request("message:send", client_id="once", text="twice tried")
        await until(lambda: is_appending(server))
        server.sql("select pg_terminate_backend(pid) from pg_stat_activity "
                   "where wait_event = 'PgSleep'")
        receipt = await asyncio.wait_for(pending, 20)
        assert (receipt["seq"], receipt["repeat"]) == (1, False)
        await course.until(lambda: course.seqs == [1])
    server.sql("drop trigger slow_down on rollcall.entries")
    assert len(server.log_of("course:again")) == 1


async def keep_talking(one):
    number = 0
    while True:
        number += 1
        await one.say(f"{one.person} says {number}")
        await asyncio.sleep(0.02)


async def finish(one):
    """The retry that a client owes to what it sent last."""
    client_id = one.unacknowledged
    receipt = await (await one.joined()).say(one.sent[client_id], client_id)
    one.repeats += receipt["repeat"]
    one.acknowledged[client_id] = receipt["seq"]


async def until(condition, patience=30):
    deadline = time.monotonic() + patience
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


def slow_down_entries(server):
    server.sql("""
        create or replace function public.slow_down() returns trigger language plpgsql as
            $$ begin perform pg_sleep(1.5); return null; end $$;
        create trigger slow_down after insert on rollcall.entries
            for each statement execute function public.slow_down()""")


def is_appending(server):
    return server.sql("select count(*) from pg_stat_activity where wait_event = 'PgSleep'") != [
        ["0"]]


def writer_waiting_for_standby(server):
    rows = server.sql("select pid from pg_stat_activity where wait_event = 'SyncRep' "
                      "and application_name like '%writer'")
    return int(rows[0][0]) if rows else None


def configure(server, statement):
    server.sql(statement)
    server.sql("select pg_reload_conf()")
