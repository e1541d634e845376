"""Requests sent without waiting for answers: all are answered in order, and none pile up."""

import select

from raw_socket import RawSocket

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n"
PAGE = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"

# More than the kernel keeps for a socket whose two ends do not read: some 10 MiB by default.
MOST = 32 << 20


def test_many_requests_at_once_are_all_answered(server):
    with RawSocket(server) as raw:
        raw.send((PAGE + HEALTH) * 1_000)
        for _ in range(1_000):
            status, _, page = raw.response()
            assert (status, page[:15].lower()) == (200, "<!doctype html>")
            status, _, health = raw.response()
            assert (status, health) == (200, "ok\n")


def test_who_reads_no_answers_is_read_no_further(server):
    with RawSocket(server) as raw:
        batch = HEALTH * (1 << 14)
        raw.socket.setblocking(False)
        sent = 0
        # What is stuck this long is not merely slow.
        while sent < MOST and select.select([], [raw.socket], [], 5)[1]:
            sent += raw.socket.send(batch[sent % len(HEALTH):])
    assert sent < MOST, "the server keeps answers that nobody reads"
