"""Somebody in a course who behaves as the protocol asks: keeps what was sent until it is
acknowledged, sends it again under the same client_id after a rejoin, and resumes by position."""

import asyncio

from websockets.exceptions import InvalidHandshake

from rollcall_client import PATIENCE, Connection, Disconnected, Refused, new_id

# What connecting to a server that is dying or not there yet ends with.
UNREACHABLE = (OSError, EOFError, InvalidHandshake, Disconnected)


class Participant:
    """Connects until it is told to stop; survives every end of its connection.

    The ledger: `acknowledged` maps client_id to the seq of its first acknowledgement, in the
    order of sending; `heard` are all entries received, over all connections.
    """

    def __init__(self, server, person, topic):
        self.server = server
        self.person = person
        self.topic_name = topic
        self.topic = None
        self.position = None
        self.heard = []
        self.acknowledged = {}
        self.sent = {}
        self.unacknowledged = None
        self.repeats = 0
        self.joins = 0
        self.verdicts = []
        self.is_over = False
        self._task = asyncio.create_task(self._live())

    async def stop(self):
        self.is_over = True
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._disconnect()
        if not self._task.cancelled() and self._task.exception():
            raise self._task.exception()

    async def drop(self):
        """Loses the connection without a word; it comes back by itself."""
        if self.topic and self.topic.connection.close_code is None:
            await self.topic.connection.drop()

    async def say(self, text):
        """Sends until it is acknowledged, however many connections that takes."""
        client_id = new_id()
        self.sent[client_id] = text
        self.unacknowledged = client_id
        while client_id not in self.acknowledged:
            topic = await self.joined()
            try:
                receipt = await topic.say(text, client_id)
            except Disconnected:
                continue
            except Refused as refusal:
                assert refusal.retry_after_ms, f"refused for good: {refusal}"
                await asyncio.sleep(refusal.retry_after_ms / 1000)
                continue
            self.repeats += receipt["repeat"]
            self.acknowledged[client_id] = receipt["seq"]
        self.unacknowledged = None

    async def hears(self, seq, patience=PATIENCE):
        """Waits until everything up to `seq` has arrived."""
        async with asyncio.timeout(patience):
            while self.last_seq < seq:
                await asyncio.sleep(0.02)

    async def joined(self):
        while self.topic is None or self.topic.connection.close_code is not None:
            assert not self._task.done(), "gone for good"
            await asyncio.sleep(0.005)
        return self.topic

    @property
    def last_seq(self):
        return self.heard[-1]["seq"] if self.heard else 0

    async def _live(self):
        while not self.is_over:
            try:
                connection = await Connection.open(self.server, self.person)
                await self._attend(connection)
            except UNREACHABLE:
                await asyncio.sleep(0.05)
            except Refused as refusal:
                assert refusal.retry_after_ms, f"refused for good: {refusal}"
                await asyncio.sleep(0.1)

    async def _attend(self, connection):
        where = {"position": self.position} if self.position else {"history": 200}
        topic = await connection.join(self.topic_name, **where)
        self.joins += 1
        self.verdicts.append(topic.reply["resume"])
        taken = 0

        def take():
            nonlocal taken
            for message in topic.messages[taken:]:
                taken += 1
                self.heard.append(message)
                self.position = message["position"]
            return False

        if self.position is None:
            self.position = topic.reply["position"] if not topic.messages else None
        self.topic = topic
        await connection.until(take, patience=10**6)

    async def _disconnect(self):
        if self.topic:
            await self.topic.connection.close()


def check_ledger(participants, log):
    """Every promise of the log at once; `log` is the server's `log_of` the topic."""
    assert [seq for seq, *_ in log] == list(range(1, len(log) + 1)), "seq has a gap or a repeat"
    keys = [(sender, client_id) for _, sender, client_id, _ in log]
    assert len(set(keys)) == len(keys), "stored twice"
    stored = {(sender, client_id): (seq, text) for seq, sender, client_id, text in log}
    for one in participants:
        for client_id, seq in one.acknowledged.items():
            assert stored.get((one.person, client_id)) == (seq, one.sent[client_id]), (
                f"{one.person}'s acknowledged message is not what is stored")
        own = list(one.acknowledged.values())
        assert own == sorted(own), f"{one.person}'s messages are out of order"
    unknown = set(keys) - {(one.person, id) for one in participants for id in one.sent}
    assert not unknown, "stored what nobody sent"


def check_stream(participant, log, since=1):
    """What was heard is the log: each entry once, in order, the same."""
    heard = [
        (m["seq"], m["sender"], m["client_id"], m["body"]["text"]) for m in participant.heard]
    assert heard == log[since - 1:], f"{participant.person} heard something else than the log"
