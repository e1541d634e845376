"""From start to SIGTERM: wrong settings, metrics, draining."""

import asyncio
import json
import socket
import subprocess
import time

import pytest

from raw_socket import RawSocket
from rollcall_client import Connection, new_id
from rollcall_server import ROLLCALL, Server, clean_environment


def test_the_server_is_alive_and_ready(server):
    assert server.get("/healthz") == (200, "ok\n")
    assert server.get("/readyz") == (200, "ready\n")


@pytest.mark.parametrize("arguments, environment, named", [
    (["--listen", "nowhere"], {}, "--listen"),
    (["--listen", "127.0.0.1:99999"], {}, "--listen"),
    ([], {"ROLLCALL_LISTEN": "localhost"}, "ROLLCALL_LISTEN"),
    (["--loops", "0"], {}, "--loops"),
    ([], {"ROLLCALL_LOOPS": "many"}, "ROLLCALL_LOOPS"),
    (["--log", "loud"], {}, "--log"),
    (["--database", "nonsense"], {}, "--database"),
    ([], {"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    (["--database", "postgres://127.0.0.1:1/none"], {}, "database"),
    (["--jwks", "/nowhere.json"], {}, "--jwks"),
    (["--rules", "/nowhere.json"], {}, "--rules"),
    (["--jwt-secret-file", "/nowhere"], {}, "--jwt-secret-file"),
    ([], {"ROLLCALL_JWT_SECRET": "short"}, "ROLLCALL_JWT_SECRET"),
    (["--data-dir", "/dev/null/x"], {}, "/dev/null"),
    (["--demo", "--listen", "0.0.0.0:0"], {}, "--demo"),
    (["--lisen", "127.0.0.1:0"], {}, "--listen"),
    (["--loops"], {}, "--loops"),
    (["extra"], {}, "extra"),
], ids=lambda value: " ".join(map(str, value)) if value else "")
def test_a_wrong_setting_is_named_in_one_line(tmp_path, arguments, environment, named):
    done = subprocess.run(
        [ROLLCALL, "serve", *arguments],
        env=clean_environment({"ROLLCALL_DATA_DIR": str(tmp_path / "data"), **environment}),
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode not in (0, -6, -11), "it must end, and not by a crash"
    # What it says of its start has a date in front; the failure is one line of its own.
    complaints = [
        line for line in done.stderr.splitlines() if line and not line[:2] == "20"]
    assert len(complaints) == 1, done.stderr
    assert named in complaints[0]
    assert not done.stdout


def test_a_port_that_is_taken_is_named(server, template, tmp_path_factory):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [ROLLCALL, "serve", "--listen", f"127.0.0.1:{port}", "--data-dir",
             str(tmp_path_factory.mktemp("taken")), "--database", server.database.url],
            env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 69
    assert f"127.0.0.1:{port}" in done.stderr.splitlines()[-1]


PROMISED = [
    "rollcall_connections", "rollcall_topics", "rollcall_messages_in_total",
    "rollcall_frames_out_total", "rollcall_deliveries_total", "rollcall_bytes_in_total",
    "rollcall_bytes_out_total", "rollcall_outbox_bytes", "rollcall_appended_total",
    "rollcall_repeats_total", "rollcall_append_failures_total", "rollcall_published_waiting",
    'rollcall_batch_entries_bucket{le="+Inf"}', "rollcall_batch_entries_sum",
    "rollcall_batch_entries_count", 'rollcall_commit_seconds_bucket{le="+Inf"}',
    "rollcall_commit_seconds_sum", "rollcall_commit_seconds_count",
    'rollcall_loop_lag_seconds{loop="0"}', "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    *(f'rollcall_dropped_total{{reason="{reason}"}}' for reason in (
        "busy", "malformed", "rate_limited", "event_without_room", "rewind")),
    *(f'rollcall_closes_total{{reason="{reason}"}}' for reason in (
        "flood", "slow_reader", "silent", "token_expired", "service_restart")),
]


async def test_the_metrics_count_what_happens(server):
    before = await counted(server)
    assert set(PROMISED) <= set(before), set(PROMISED) - set(before)
    async with await Connection.open(server, "ana") as ana, \
            await Connection.open(server, "ben") as ben:
        course, other = await ana.join("course:algebra"), await ben.join("course:algebra")
        for number in range(10):
            await course.say(f"counted {number}", f"c{number}")
        await course.say("counted 0", "c0")
        await other.until(lambda: len(other.messages) == 10)
        await ana.send("nonsense")
        await ana.heartbeat()
        after = await counted(server)

        def grown(name):
            return after[name] - before[name]

        assert grown("rollcall_connections") == 2
        assert after["rollcall_topics"] >= 1
        assert grown("rollcall_messages_in_total") >= 15
        assert grown("rollcall_deliveries_total") >= 20
        assert grown("rollcall_frames_out_total") >= 33
        assert grown("rollcall_bytes_in_total") > 15 * 50
        assert grown("rollcall_bytes_out_total") > 20 * 100
        assert grown("rollcall_appended_total") == 10
        assert grown("rollcall_repeats_total") == 1
        assert grown("rollcall_batch_entries_sum") == 11
        assert grown("rollcall_batch_entries_count") == 11
        assert grown("rollcall_commit_seconds_count") == 11
        assert 0 < grown("rollcall_commit_seconds_sum") < 60
        assert grown('rollcall_dropped_total{reason="malformed"}') == 1


def test_metrics_and_demo_tokens_are_refused_beyond_loopback(server, data):
    address = another_address()
    if address is None:
        pytest.skip("this machine has no address but loopback")
    public = Server(
        data, database_url=server.database.url, arguments=(), listen="0.0.0.0:0")
    try:
        public.start()
        assert public.get("/healthz", host=address)[0] == 200
        assert public.get("/metrics", host=address)[0] == 401
        assert public.get("/demo", host=address)[0] == 404
        assert public.get("/metrics")[0] == 200
        for scope, status in (("broadcast", 403), ("metrics broadcast", 200)):
            token = public.token(scope=scope, role="service")
            bearer = {"Authorization": f"Bearer {token}"}
            assert public.get("/metrics", host=address, **bearer)[0] == status
        person = {"Authorization": f"Bearer {public.token('ana')}"}
        assert public.get("/metrics", host=address, **person)[0] == 403
    finally:
        assert public.terminate() == 0


def test_a_name_that_was_pointed_at_this_machine_is_not_this_machine(server):
    for host in ("127.0.0.1", f"localhost:{server.port}", "[::1]"):
        assert server.get("/metrics", Host=host)[0] == 200
        assert server.get("/demo", Host=host)[0] == 200
    for host in ("evil.example", f"evil.example:{server.port}", "127.0.0.1.evil.example"):
        assert server.get("/metrics", Host=host)[0] == 401
        assert server.get("/demo", Host=host)[0] == 404


async def test_sigterm_tells_everybody_to_come_back_and_ends_with_0(server):
    connections = [await Connection.open(server, name) for name in ("ana", "ben") * 5]
    courses = [await one.join("course:algebra") for one in connections]
    receipts = [await courses[0].say(f"last words {n}", new_id()) for n in range(3)]
    began = time.monotonic()
    server.process.terminate()
    for one in connections:
        assert await one.closed() == 1012
    assert await asyncio.to_thread(server.process.wait, 30) == 0
    print(f"gone after {time.monotonic() - began:.1f} s")
    assert not (server.database.directory / "postmaster.pid").exists(), "the cluster goes too"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), 1)

    await asyncio.to_thread(server.start)
    async with await Connection.open(server, "ana") as ana:
        course = await ana.join("course:algebra", position=receipts[0]["position"])
        assert course.reply["resume"] == "resumed"
        await course.until(lambda: len(course.seqs) == 2)
        assert course.seqs == [receipt["seq"] for receipt in receipts[1:]]


def test_a_client_that_does_not_answer_does_not_hold_up_the_end(server):
    with RawSocket(server) as idle, RawSocket(server) as half, RawSocket(server) as deaf:
        half.send(b"GET / HTTP/1.1\r\nHost")
        deaf.upgrade(server.token("ana"))
        deaf.say('["1","1","realtime:x","phx_join",{}]')
        assert json.loads(deaf.read_frame()[1])[4]["status"] == "ok"
        began = time.monotonic()
        assert server.terminate() == 0
        print(f"gone after {time.monotonic() - began:.1f} s")
        assert deaf.close_code() == 1012
        assert idle.is_closed_within(1) and half.is_closed_within(1)
    server.start()


async def counted(server):
    """Every loop reports once a second: what is counted now is seen after the next report."""
    await asyncio.sleep(1.5)
    return await asyncio.to_thread(server.metrics)


def another_address():
    """An address of this machine that is not loopback; None when it has none."""
    found = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    return next((address for address in found if "." in address), None)
