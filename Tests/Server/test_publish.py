"""Publishing from the platform's own SQL transactions: rollcall.publish and rollcall.notify."""

import pytest

from rollcall_client import Connection
from rollcall_server import DatabaseError


async def test_messages_of_one_transaction_come_once_and_in_order(server):
    ana = await (await Connection.open(server, "ana")).join("course:algebra")
    server.sql("".join(
        f"""select rollcall.publish('course:algebra', 'farid', '{{"text": "part {n}"}}');"""
        for n in range(50)))
    await ana.until(lambda: len(ana.messages) >= 50)
    assert ana.texts == [f"part {n}" for n in range(50)]
    assert ana.seqs == list(range(1, 51))
    assert {message["sender"] for message in ana.messages} == {"farid"}
    await ana.connection.close()


async def test_a_rolled_back_transaction_sends_nothing(server):
    ana = await (await Connection.open(server, "ana")).join("course:writing")
    server.sql("""begin; select rollcall.publish('course:writing', '', '{"text": "undone"}');
                  rollback""")
    server.sql("""select rollcall.publish('course:writing', '', '{"text": "done"}')""")
    await ana.until(lambda: ana.messages)
    assert ana.texts == ["done"]
    assert ana.seqs == [1]
    await ana.connection.close()


async def test_a_client_id_makes_publishing_again_harmless(server):
    farid = await (await Connection.open(server, "farid")).join("course:networks")
    for _ in range(3):
        server.sql("""select rollcall.publish(
            'course:networks', 'farid', '{"text": "the exam is moved"}', 'exam-moved')""")
    server.sql("""select rollcall.publish('course:networks', 'farid', '{"text": "last"}')""")
    await farid.until(lambda: farid.texts[-1:] == ["last"])
    assert farid.texts == ["the exam is moved", "last"]
    assert farid.seqs == [1, 2]
    await farid.connection.close()


@pytest.mark.parametrize("call, complaint", [
    ("publish('course', 'ana', '{}')", "a topic is"),
    ("publish('realtime:x', 'ana', '{}')", "not durable"),
    ("publish('course:algebra', null, '{}')", "sender is"),
    ("publish('course:algebra', 'ana', '[]')", "expected a JSON object"),
    ("publish('course:algebra', 'ana', '{}', '')", "expected 1 to 64"),
    ("publish('course:algebra', 'ana', '{}', repeat('x', 65))", "expected 1 to 64"),
    ("publish('course:algebra', 'ana', jsonb_build_object('text', repeat('x', 262144)))",
     "the limit is 262144"),
    ("notify('', '{}')", "person is empty"),
])
def test_a_wrong_call_is_refused_in_the_callers_own_transaction(server, call, complaint):
    with pytest.raises(DatabaseError, match=complaint):
        server.sql(f"select rollcall.{call}")


async def test_the_bell_counts_what_is_unread_on_every_device(server):
    phone = await (await Connection.open(server, "chloe")).join("user:chloe")
    assert phone.reply["unread"] == 0
    notify(server, "chloe", 3)
    await phone.until(lambda: unread(phone) == [1, 2, 3] or unread(phone)[-1:] == [3])
    assert phone.texts == ["news 0", "news 1", "news 2"]
    assert phone.messages[0]["body"]["link"] == "/news/0"

    laptop = await (await Connection.open(server, "chloe")).join("user:chloe", history=20)
    assert laptop.reply["unread"] == 3
    await laptop.until(lambda: laptop.seqs == [1, 2, 3])

    # Read on one device, the other knows.
    answer = await phone.ask("notification:read", through=phone.messages[1]["position"])
    assert answer == {"unread": 1}
    await laptop.until(lambda: unread(laptop)[-1:] == [1])
    answer = await laptop.ask("notification:read")
    assert answer == {"unread": 0}
    await phone.until(lambda: unread(phone)[-1:] == [0])

    # Reading never goes backwards.
    answer = await phone.ask("notification:read", through=phone.messages[0]["position"])
    assert answer == {"unread": 0}
    notify(server, "chloe", 1)
    for device in (phone, laptop):
        await device.until(lambda: unread(device)[-1:] == [1])
        assert device.seqs == [1, 2, 3, 4]
        await device.connection.close()

    # What was read stays read over a new connection.
    tablet = await (await Connection.open(server, "chloe")).join("user:chloe")
    assert tablet.reply["unread"] == 1
    await tablet.connection.close()


async def test_a_notification_is_nobody_elses(server):
    ana = await Connection.open(server, "ana")
    own = await ana.join("user:ana")
    notify(server, "ben", 1)
    notify(server, "ana", 1)
    await own.until(lambda: own.seqs == [1])
    assert len(own.messages) == 1
    await ana.close()


def notify(server, person, count):
    server.sql("".join(
        f"""select rollcall.notify('{person}',
            '{{"type": "news", "title": "News", "text": "news {n}"}}', null, '/news/{n}');"""
        for n in range(count)))


def unread(topic):
    return [payload["unread"] for payload in topic.payloads("notification:unread")]
