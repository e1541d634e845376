"""Messages a client should not send: each is refused by name, and the connection stays."""

import json

import pytest

from raw_socket import RawSocket
from rollcall_client import Connection, Refused

pytestmark = pytest.mark.usefixtures("unharmed")

COURSE = "course:algebra"


@pytest.mark.parametrize("text", [
    "", "[", "{}", "null", "[]", "[1,2,3,4,5]", '["1","2","t"]', '["1","2","t","e"]',
    '["1","2",7,"e",{}]', '["1",{},"t","e",{}]', '["1","2","t","e",{}] more',
    '["1","2","t","e",{"a":1e999}]', '["1","2","t","e",{"a":' + f"{2**64}" + "}]",
    '["1","2","t","e",{"a":01}]', '["1","2","t","e",{"a":NaN}]',
    '["1","2","t","e",{"a":1,}]', '["1","2","t","e",{"a":"\t"}]', "['1','2','t','e',{}]",
    '\ufeff["1","2","t","e",{}]', '["1","2","' + "t" * 256 + '","e",{}]',
    '["1","' + "r" * 65 + '","t","e",{}]', "[" * 100_000 + "]" * 100_000,
    '["1","2","t","e",' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "]",
    '["1","2","t","e",' + "[" * 65 + "]" * 65 + "]", "9" * 500_000,
], ids=lambda text: text[:40])
async def test_what_is_no_envelope_is_refused_and_the_connection_stays(server, text):
    async with await Connection.open(server, "ana") as ana:
        await ana.send(text)
        await ana.heartbeat()
        await ana.until(lambda: ana.strays)
        _, event, payload = ana.strays[0]
        assert event == "phx_reply" and payload["status"] == "error"
        assert payload["response"]["reason"].lower().replace(" ", "_") in (
            "invalid_payload", "unmatched_topic"), payload
        assert payload["response"]["message"]


async def test_two_mebibytes_of_json_are_too_big(server):
    async with await Connection.open(server, "ana") as ana:
        await ana.send(json.dumps(["1", "2", "t", "e", {"text": "x" * (2 << 20)}]))
        assert await ana.closed() == 1009


@pytest.mark.parametrize("frame", [
    b"", b"\x00", b"\x00\xff\xff\xff\xff", b"\x09" + bytes(20),
    b"\x03\x01\x01\x01\x01\x00\x07abcde",
    b"\x00\x01\x01\x01\x01\xff\xff\xff\xff", bytes(1000)], ids=lambda frame: frame[:6].hex())
async def test_what_is_no_binary_envelope_is_refused_and_the_connection_stays(server, frame):
    async with await Connection.open(server, "ana") as ana:
        await ana.send(frame)
        await ana.heartbeat()
        assert ana.strays[0][2]["status"] == "error"


@pytest.mark.parametrize("topic, reason", [
    ("nothing:here", "unknown_topic"), ("course", "unknown_topic"), ("", "unknown_topic"),
    ("course:", "unknown_topic"), ("COURSE:algebra", "unknown_topic"),
    ("course:nowhere", "no_such_course"), ("course:networks", "not_enrolled"),
    ("course:algebra\u0007", "unknown_topic"), ("user:ben", "not_permitted"),
    ("course:" + "x" * 248, "no_such_course"), ("course:'; drop table x; --", "no_such_course"),
    ("realtime:course:networks", "not_enrolled"),
], ids=lambda value: value[:30])
async def test_a_topic_that_is_not_for_ana_is_refused(server, topic, reason):
    async with await Connection.open(server, "ana") as ana:
        with pytest.raises(Refused) as refused:
            await ana.join(topic)
        # Supabase's clients get a sentence of their own kind on realtime: topics.
        assert refused.value.reason == reason or topic.startswith("realtime:")
        await ana.heartbeat()


async def test_an_anonymous_key_enters_no_room(server):
    async with await Connection.open(server, token=server.token(role="anon")) as nobody:
        for topic in (COURSE, "user:ana"):
            with pytest.raises(Refused) as refused:
                await nobody.join(topic)
            assert refused.value.reason == "sign_in_required"


async def test_an_event_on_a_topic_that_is_not_joined_is_unmatched(server):
    async with await Connection.open(server, "ana") as ana:
        with pytest.raises(Refused) as refused:
            await ana.ask(COURSE, "message:send", {"client_id": "1", "text": "hello"})
        assert (refused.value.reason, refused.value.code) == ("unmatched topic", 1002)


@pytest.mark.parametrize("event", ["nothing", "message:edit", "presence", "phx_nothing", ""])
async def test_an_event_the_room_does_not_know_is_refused(server, event):
    async with await Connection.open(server, "ana") as ana:
        course = await ana.join(COURSE)
        with pytest.raises(Refused) as refused:
            await course.ask(event)
        assert refused.value.reason in ("unknown_event", "invalid_payload")


@pytest.mark.parametrize("payload, reason", [
    ({"client_id": "1"}, "invalid_payload"),
    ({"text": "no id"}, "invalid_payload"),
    ({"client_id": "1", "text": ""}, "invalid_payload"),
    ({"client_id": "1", "text": 7}, "invalid_payload"),
    ({"client_id": "1", "text": ["x"]}, "invalid_payload"),
    ({"client_id": "", "text": "x"}, "invalid_payload"),
    ({"client_id": 1, "text": "x"}, "invalid_payload"),
    ({"client_id": "x" * 65, "text": "x"}, "invalid_payload"),
    ({"client_id": "é" * 32 + "x", "text": "x"}, "invalid_payload"),
    ({"client_id": "1", "text": "x" * 4_001}, "too_large"),
    ({"client_id": "1", "text": "\U0001f600" * 4_001}, "too_large"),
    ({"client_id": "1", "text": "nul \0"}, "unstorable_text"),
    ({"client_id": "nul \0", "text": "x"}, "unstorable_text"),
    ({"client_id": "1", "text": "half \ud800"}, "unstorable_text"),
    ({"client_id": "1", "text": "half \udc00\ud800"}, "unstorable_text"),
], ids=lambda value: str(value)[:40].encode("ascii", "replace").decode())
async def test_a_wrong_message_is_refused_and_not_stored(server, payload, reason):
    async with await Connection.open(server, "ana") as ana:
        course = await ana.join(COURSE)
        with pytest.raises(Refused) as refused:
            await course.ask("message:send", **payload)
        assert refused.value.reason == reason
        # Had it been stored, it would be first; what is said now shows that it was not.
        receipt = await course.say("fine")
        await course.until(lambda: course.messages)
        assert course.seqs == [receipt["seq"]]


@pytest.mark.parametrize("payload", ["[]", "null", "7", '"x"', "true"])
async def test_a_payload_that_is_no_object_is_refused(server, payload):
    async with await Connection.open(server, "ana") as ana:
        await ana.join(COURSE)
        await ana.send(f'["1","77","{COURSE}","message:send",{payload}]')
        await ana.until(lambda: ana.strays)
        assert ana.strays[0][2]["response"]["reason"] == "invalid_payload"


async def test_what_is_just_within_the_limits_is_stored_as_it_is(server):
    async with await Connection.open(server, "ben") as ben:
        course = await ben.join(COURSE)
        texts = ["x" * 4_000, "\U0001f600" * 4_000, "e\u0301" * 2_000, "\u202e\u200d\ufeff\u2028",
                 "'; drop table x; --", "\\u0000", '"}]', "\x7f\x1b[0m\x01"]
        for number, text in enumerate(texts):
            await course.say(text, f"{number}" + "i" * 63)
        await course.say("an id of 32 characters, 64 bytes", "é" * 32)
        await course.until(lambda: len(course.messages) == len(texts) + 1)
        assert course.texts[:-1] == texts
        assert [text for *_, text in server.log_of(COURSE)][-len(texts) - 1:-1] == texts


async def test_of_repeated_members_one_counts_for_everybody(server):
    async with await Connection.open(server, "chloe") as chloe:
        course = await chloe.join(COURSE)
        await chloe.send(f'["{course.join_ref}","900","{COURSE}","message:send",'
                         '{"client_id":"a","client_id":"b","text":"first","text":"second"}]')
        await chloe.until(lambda: course.messages or chloe.strays)
        said = [(message["client_id"], message["body"]["text"]) for message in course.messages]
        assert said in ([], [("a", "first")], [("b", "second")])


async def test_the_same_client_id_with_another_text_is_a_conflict(server):
    async with await Connection.open(server, "emi") as emi:
        course = await emi.join(COURSE)
        first = await course.say("one text", "same")
        with pytest.raises(Refused) as refused:
            await course.say("another text", "same")
        assert (refused.value.reason, refused.value.code) == ("client_id_conflict", 1008)
        again = await course.say("one text", "same")
        assert (again["seq"], again["repeat"]) == (first["seq"], True)
        assert course.texts == ["one text"]


@pytest.mark.parametrize("parameters", [
    {"history": -1}, {"history": 201}, {"history": 1.5}, {"history": "20"}, {"history": 2**63},
    {"position": ""}, {"position": 5}, {"position": "x"}, {"position": "e1"}, {"position": "-1"},
    {"position": "e1-"}, {"position": "e1--1"}, {"position": "e1-01x"}, {"position": "E!-1"},
    {"position": "e1-99999999999999999999"}, {"position": "x" * 17 + "-1"}, {"position": ["e1-1"]},
    {"position": "e1-1", "history": 201},
], ids=str)
async def test_a_malformed_beginning_is_refused(server, parameters):
    async with await Connection.open(server, "ana") as ana:
        with pytest.raises(Refused) as refused:
            await ana.join(COURSE, **parameters)
        assert refused.value.reason == "invalid_payload"
        # The refused join left nothing behind.
        await ana.join(COURSE, history=0)


@pytest.mark.parametrize("parameters", [
    {"limit": 0}, {"limit": 201}, {"limit": -1}, {"limit": 1.5}, {"limit": "20"},
    {"before": "x"}, {"after": 5}, {"before": "e1-5", "after": "e1-1"},
], ids=str)
async def test_a_malformed_page_is_refused(server, parameters):
    async with await Connection.open(server, "ana") as ana:
        course = await ana.join(COURSE)
        with pytest.raises(Refused) as refused:
            await course.ask("history", **parameters)
        assert refused.value.reason == "invalid_payload"


async def test_pages_of_1_and_200_and_beyond_both_ends_are_served(server):
    server.add_course("pages")
    server.enrol("ana", course="pages")
    server.sql("""select rollcall.publish('course:pages', '', jsonb_build_object('text', n))
                  from generate_series(1, 250) n; select rollcall.drain(500)""")
    at = f"{server.epoch}-"
    async with await Connection.open(server, "ana") as ana:
        course = await ana.join("course:pages", history=200)
        await course.until(lambda: len(course.messages) == 200)
        assert course.seqs == list(range(51, 251))

        async def page(**parameters):
            answer = await course.ask("history", **parameters)
            assert answer["position"] == f"{at}250"
            return [message["seq"] for message in answer["messages"]], answer["more"]

        assert await page(limit=1) == ([250], True)
        assert await page(limit=200) == (list(range(51, 251)), True)
        assert await page() == (list(range(231, 251)), True)
        assert await page(before=f"{at}21") == (list(range(1, 21)), False)
        assert await page(before=f"{at}1") == ([], False)
        assert await page(before=f"{at}{2**63 - 1}", limit=1) == ([250], True)
        assert await page(after=f"{at}248") == ([249, 250], False)
        assert await page(after=f"{at}230") == (list(range(231, 251)), False)
        assert await page(after=f"{at}{2**63 - 1}") == ([], False)
        assert await page(after=f"{at}0", limit=2) == ([1, 2], True)


async def test_version_1_gets_the_same_refusals(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"), version="1.0.0")
        answers = []
        for text in ['{"topic":"x"', "[]", '{"topic":"nothing:here","event":"phx_join",'
                     '"payload":{},"ref":"1"}',
                     '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"2"}']:
            raw.say(text)
            answers.append(json.loads(raw.read_frame()[1]))
        assert [answer["payload"]["status"] for answer in answers] == ["error"] * 3 + ["ok"]
        assert answers[2]["payload"]["response"]["reason"] == "unknown_topic"
        assert all("join_ref" not in answer for answer in answers)
