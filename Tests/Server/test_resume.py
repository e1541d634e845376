"""Coming back: every missed entry once and in order, then the live stream, or a gap."""

import asyncio
import random

from participant import Participant, check_ledger, check_stream
from rollcall_client import Connection

SEED = 4_711
ROUNDS = 20


async def test_missed_entries_follow_once_and_in_order_then_the_live_ones(server):
    topic = fresh_course(server, "missed")
    publish(server, topic, 1, 10)
    ana = await (await Connection.open(server, "ana")).join(topic, history=3)
    assert (ana.reply["resume"], ana.reply["position"]) == ("fresh", position(server, 10))
    await ana.until(lambda: ana.seqs == [8, 9, 10])
    await ana.connection.drop()
    publish(server, topic, 11, 40)
    ana = await (await Connection.open(server, "ana")).join(topic, position=ana.position)
    assert ana.reply["resume"] == "resumed"
    publish(server, topic, 41, 50)
    await ana.until(lambda: ana.seqs[-1:] == [50])
    assert ana.seqs == list(range(11, 51))
    await ana.connection.close()


async def test_500_missed_entries_are_replayed_and_501_are_a_gap_to_page_through(server):
    topic = fresh_course(server, "gap")
    publish(server, topic, 1, 700)
    ana = await Connection.open(server, "ana")
    enough = await ana.join(topic, position=position(server, 200))
    assert enough.reply["resume"] == "resumed"
    await enough.until(lambda: enough.seqs[-1:] == [700])
    assert enough.seqs == list(range(201, 701))
    assert not enough.payloads("gap")

    far = await ana.join(topic, position=position(server, 199))
    assert far.reply["resume"] == "gap"
    await far.until(lambda: far.seqs[-1:] == [700])
    assert far.payloads("gap") == [{"from": position(server, 199), "to": position(server, 500)}]
    assert far.seqs == list(range(501, 701)), "the newest 200 follow"

    # The hole is paged through, forwards and backwards, and nothing is missing.
    assert await page(far, "after", position(server, 199), 500) == list(range(200, 501))
    assert await page(far, "before", position(server, 501), 200) == list(range(200, 501))
    await ana.close()


async def test_a_position_ahead_of_the_head_or_of_another_epoch_starts_afresh(server):
    topic = fresh_course(server, "reset")
    publish(server, topic, 1, 30)
    ana = await Connection.open(server, "ana")
    for wrong in (position(server, 31), position(server, 2**62), "another-5"):
        again = await ana.join(topic, position=wrong)
        assert (again.reply["resume"], again.reply["position"]) == (
            "reset", position(server, 30)), wrong
        await again.until(lambda: again.seqs[-1:] == [30])
        assert again.seqs == list(range(11, 31)), "as if joined with history: 20"
    again = await ana.join(topic, position="another-5", history=2)
    await again.until(lambda: again.seqs[-1:] == [30])
    assert again.seqs == [29, 30]
    await ana.close()


async def test_the_head_itself_resumes_with_nothing(server):
    topic = fresh_course(server, "head")
    publish(server, topic, 1, 5)
    ana = await (await Connection.open(server, "ana")).join(topic, position=position(server, 5))
    assert ana.reply["resume"] == "resumed"
    await ana.say("next")
    await ana.until(lambda: ana.seqs)
    assert ana.seqs == [6]
    await ana.connection.close()


async def test_replay_while_others_talk_has_no_hole_and_no_double(server):
    names = [f"roamer-{number}" for number in range(5)]
    server.enrol(*names)
    topic = "course:algebra"
    chance = random.Random(SEED)
    people = [Participant(server, name, topic) for name in names]
    publishing = asyncio.create_task(keep_publishing(server, topic))
    for round in range(ROUNDS):
        said = [
            asyncio.create_task(one.say(f"{one.person} in round {round}"))
            for one in people if chance.random() < 0.8]
        for one in people:
            if chance.random() < 0.6:
                await asyncio.sleep(chance.uniform(0, 0.03))
                await one.drop()
        await asyncio.gather(*said)
    publishing.cancel()
    await asyncio.wait([publishing])
    await settled(server)
    head = server.head_of(topic)
    for one in people:
        await one.hears(head)
        await one.stop()
    log = server.log_of(topic)
    own = [entry for entry in log if entry[1] in names]
    assert [seq for seq, *_ in log] == list(range(1, head + 1))
    check_ledger_of(people, own)
    for one in people:
        check_stream(one, log, since=one.heard[0]["seq"])
        assert set(one.verdicts[1:]) <= {"resumed"}
    print(f"{len(log)} entries, {sum(one.joins for one in people)} joins")


def check_ledger_of(people, own):
    """The ledger, where somebody else's entries stand between."""
    renumbered = [(number, *entry[1:]) for number, entry in enumerate(own, 1)]
    numbers = {entry[0]: number for number, entry in enumerate(own, 1)}
    for one in people:
        one.acknowledged = {key: numbers[seq] for key, seq in one.acknowledged.items()}
    check_ledger(people, renumbered)


async def keep_publishing(server, topic):
    while True:
        await asyncio.to_thread(publish, server, topic, 1, 20)
        await asyncio.sleep(0.02)


async def settled(server):
    while await asyncio.to_thread(server.sql, "select 1 from rollcall.outbox limit 1"):
        await asyncio.sleep(0.02)


async def page(topic, direction, start, limit):
    """Pages until the other side of the hole (199, 501) and returns the seqs between."""
    seqs = []
    while True:
        answer = await topic.ask("history", **{direction: start, "limit": min(limit, 200)})
        found = [message["seq"] for message in answer["messages"]]
        assert found == sorted(found) and answer["more"]
        seqs += found
        start = answer["messages"][-1 if direction == "after" else 0]["position"]
        if min(seqs) <= 200 and max(seqs) >= 500:
            return sorted(seq for seq in seqs if 199 < seq < 501)


def fresh_course(server, name):
    server.add_course(name)
    server.enrol("ana", course=name)
    return f"course:{name}"


def position(server, seq):
    return f"{server.epoch}-{seq}"


def publish(server, topic, first, last):
    server.sql(f"""
        select rollcall.publish('{topic}', 'farid', jsonb_build_object('text', 'entry ' || n))
        from generate_series({first}, {last}) n""")
    # A join must find them in the log, so the outbox is emptied here and not when it likes.
    server.sql("select rollcall.drain(1000)")
