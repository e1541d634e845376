"""Too much of something: refused with a time to come back, closed, or slowed, alone."""

import asyncio
import json
import time

import pytest

from raw_socket import TEXT, RawSocket, frame
from rollcall_client import Connection, Refused, new_id

pytestmark = pytest.mark.usefixtures("unharmed")

HEARTBEAT = '[null,"1","phoenix","heartbeat",{}]'


async def test_100_topics_may_be_joined_and_the_next_may_not(server):
    async with await Connection.open(server, "ana") as ana:
        for number in range(100):
            await ana.join(f"realtime:t{number}")
            if number == 90:
                await asyncio.sleep(1)  # The limit of events is another one.
        with pytest.raises(Refused) as refused:
            await ana.join("course:algebra")
        assert refused.value.reason == "too_many_topics"
        with pytest.raises(Refused) as refused:
            await ana.join("realtime:t100")
        assert "topics" in refused.value.reason
        await ana.topics["realtime:t5"].leave()
        await ana.join("course:algebra")


async def test_a_burst_over_100_events_is_told_when_to_come_back(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"))
        raw.send(frame(TEXT, HEARTBEAT.encode()) * 200)
        answers = [json.loads(raw.read_frame()[1])[4] for _ in range(200)]
        accepted = [answer for answer in answers if answer["status"] == "ok"]
        refused = [answer["response"] for answer in answers if answer["status"] == "error"]
        assert len(accepted) >= 100 and refused, "100 at once are allowed, 200 are not"
        assert {answer["reason"] for answer in refused} == {"rate_limited"}
        assert all(0 < answer["retry_after_ms"] <= 1_000 for answer in refused)
        # Who waits as long as it was told is heard.
        time.sleep(refused[-1]["retry_after_ms"] / 1_000)
        raw.say(HEARTBEAT)
        assert json.loads(raw.read_frame()[1])[4]["status"] == "ok"


@pytest.mark.parametrize("what", [HEARTBEAT, "no envelope at all", '[null,null,"t","e",{}]'])
def test_a_flood_is_closed_and_a_flood_of_nonsense_too(server, what):
    before = server.metrics()['rollcall_closes_total{reason="flood"}']
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"))
        data = frame(TEXT, what.encode()) * 100
        deadline = time.monotonic() + 30
        # About 2,000 a second: forty times the limit.
        while server.metrics()['rollcall_closes_total{reason="flood"}'] == before:
            assert time.monotonic() < deadline, "flooded for 30 s"
            raw.send(data)
            time.sleep(0.05)


def test_a_flood_hears_why_it_was_closed(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"))
        # Less than what the kernel buffers, so that nothing is lost to a reset.
        raw.send(frame(TEXT, HEARTBEAT.encode()) * 1_300)
        assert raw.close_code() == 4003


async def test_61_messages_a_minute_are_one_too_many_for_a_person_and_a_topic(server):
    server.add_course("busy")
    server.enrol("ana", "ben", course="busy")
    async with await Connection.open(server, "ana") as ana, \
            await Connection.open(server, "ben") as ben:
        course = await ana.join("course:busy")
        requests = [
            course.request("message:send", client_id=new_id(), text=f"{n}") for n in range(70)]
        answers = await asyncio.gather(*requests, return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, Refused)]
        assert 5 <= len(refused) <= 10
        assert {refusal.reason for refusal in refused} == {"rate_limited"}
        assert all(0 < refusal.retry_after_ms <= 61_000 for refusal in refused)
        # It is the person's limit, not the course's.
        other = await ben.join("course:busy")
        await other.say("and what do I say?")


async def test_a_reader_that_stops_costs_bounded_memory_and_misses_nothing(server):
    """15 MB for somebody who reads nothing; afterwards everything comes, in order."""
    server.add_course("slow")
    server.enrol("ana", "ben", course="slow")
    entries, size = 480, 32_000
    with RawSocket(server, receive_buffer=4_096) as slow:
        slow.upgrade(server.token("ben"))
        slow.say('["1","1","course:slow","phx_join",{}]')
        joined = json.loads(slow.read_frame()[1])
        assert joined[4]["status"] == "ok"
        async with await Connection.open(server, "ana") as ana:
            course = await ana.join("course:slow")
            before = server.memory
            for first in range(1, entries, 40):
                server.sql(f"""
                    select rollcall.publish('course:slow', '', jsonb_build_object(
                        'text', n || repeat('x', {size}))) from generate_series(
                        {first}, {first + 39}) n""")
                await course.until(lambda: course.seqs[-1:] == [first + 39])
            grown = server.memory - before
            print(f"the server grew by {grown / 1e6:.1f} MB under {entries * size / 1e6:.0f} MB")
            assert course.seqs == list(range(1, entries + 1)), "the others heard everything"
            # 1 MiB waits for the slow one, some more in batches under way and in the heap.
            assert grown < 40e6
        seqs = []
        while seqs[-1:] != [entries]:
            _, _, topic, event, payload = json.loads(slow.read_frame()[1])
            assert event != "gap", "480 entries are no gap"
            if event == "message:new":
                seqs.append(payload["seq"])
        assert seqs == list(range(1, entries + 1))


async def test_ephemeral_events_for_a_reader_that_stops_are_dropped_not_kept(server):
    with RawSocket(server, receive_buffer=4_096) as slow:
        slow.upgrade(server.token("ben"))
        slow.say('["1","1","realtime:loud","phx_join",{}]')
        assert json.loads(slow.read_frame()[1])[4]["status"] == "ok"
        async with await Connection.open(server, "ana") as ana:
            loud = await ana.join("realtime:loud", config={"broadcast": {"ack": True}})
            before = server.memory
            dropped = server.metrics()['rollcall_dropped_total{reason="event_without_room"}']
            for number in range(150):
                await loud.ask("broadcast", type="broadcast", event="noise",
                               payload={"n": number, "text": "x" * 200_000})
                await asyncio.sleep(0.02)
            grown = server.memory - before
            print(f"the server grew by {grown / 1e6:.1f} MB under 30 MB")
            assert grown < 30e6
            metrics = server.metrics()
            assert metrics['rollcall_dropped_total{reason="event_without_room"}'] > dropped
            assert metrics["rollcall_outbox_bytes"] <= 2 << 20
        # It is still a member: what comes now arrives, behind what the kernel had buffered.
        numbers = []
        async with await Connection.open(server, "ana") as ana:
            loud = await ana.join("realtime:loud")
            reader = asyncio.create_task(asyncio.to_thread(read_until, slow, 999, numbers))
            while not reader.done():
                await ana.send(json.dumps([
                    loud.join_ref, None, "realtime:loud", "broadcast",
                    {"type": "broadcast", "event": "noise", "payload": {"n": 999}}]))
                await asyncio.sleep(0.1)
            await reader
        assert numbers == sorted(numbers), "what arrives is in order"


def read_until(raw, last, numbers):
    while numbers[-1:] != [last]:
        _, _, _, event, payload = json.loads(raw.read_frame()[1])
        if event == "broadcast":
            numbers.append(payload["payload"]["n"])


def test_a_channel_waits_for_4_pages_of_history_and_is_told_to_ask_for_the_fifth_later(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"))
        raw.say('["1","1","course:algebra","phx_join",{}]')
        while json.loads(raw.read_frame()[1])[3] != "presence_state":
            pass
        # In one turn of the loop: no page can come from the database before all are asked for.
        raw.send(frame(TEXT, b'["1","h","course:algebra","history",{}]') * 20)
        answers = []
        while len(answers) < 20:
            envelope = json.loads(raw.read_frame()[1])
            if envelope[1] == "h":
                answers.append(envelope[4])
        refused = [answer["response"] for answer in answers if answer["status"] == "error"]
        assert len(refused) == 16 and {answer["reason"] for answer in refused} == {"rate_limited"}
        # Who has got its pages may ask again.
        raw.say('["1","again","course:algebra","history",{}]')
        while (envelope := json.loads(raw.read_frame()[1]))[1] != "again":
            pass
        assert envelope[4]["status"] == "ok"
