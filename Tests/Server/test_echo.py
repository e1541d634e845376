"""The echo for conformance suites: compressed as clients of rooms meet it, and bounded."""

import select
import zlib

import pytest

from raw_socket import BINARY, PING, PONG, TEXT, RawSocket, frame
from rollcall_server import Server

FINAL, COMPRESSED = 0x80, 0x40
ECHO_LIMIT = 16 << 20


@pytest.fixture(scope="module")
def server(data):
    server = Server(data, environment={"ROLLCALL_ECHO": "1"})
    try:
        server.start()
        yield server
    finally:
        server.stop()


def inflated(payload, window=15):
    return zlib.decompressobj(wbits=-window).decompress(payload + b"\x00\x00\xff\xff")


def test_a_message_comes_back_compressed_when_that_was_agreed(server):
    text = b"Hello, hello. " * 100
    with RawSocket(server) as raw:
        raw.upgrade_at("/echo", extensions="permessage-deflate")
        raw.send(frame(TEXT, text))
        first, payload = raw.read_raw_frame()
    assert first == FINAL | COMPRESSED | TEXT
    assert len(payload) < len(text)
    assert inflated(payload) == text


def test_a_message_comes_back_as_it_is_when_nothing_was_agreed(server):
    text = b"Hello, hello. " * 100
    with RawSocket(server) as raw:
        raw.upgrade_at("/echo")
        raw.send(frame(TEXT, text))
        answer = raw.read_raw_frame()
    assert answer == (FINAL | TEXT, text)


def test_only_what_fits_the_client_s_window_is_compressed(server):
    with RawSocket(server) as raw:
        raw.upgrade_at("/echo", extensions="permessage-deflate; server_max_window_bits=9")
        raw.send(frame(BINARY, bytes(512)))
        first, payload = raw.read_raw_frame()
        assert first == FINAL | COMPRESSED | BINARY
        assert inflated(payload, window=9) == bytes(512)
        raw.send(frame(BINARY, bytes(513)))
        answer = raw.read_raw_frame()
        assert answer == (FINAL | BINARY, bytes(513))


@pytest.mark.parametrize("opcode, answered", [(PING, PONG), (BINARY, BINARY)])
def test_who_reads_no_answers_is_read_no_further(server, opcode, answered):
    one = frame(opcode, bytes(125))
    with RawSocket(server) as raw:
        raw.upgrade_at("/echo")
        sent = send_until_stuck(raw.socket, one, most=6 * ECHO_LIMIT)
        assert sent < 6 * ECHO_LIMIT, "the server takes what it cannot give back"
        for _ in range(sent // len(one)):
            answer = raw.read_frame()
            assert answer == (answered, bytes(125))


def send_until_stuck(connection, data, most):
    """Repeats `data`, reading nothing, until `most` bytes are sent or nothing is taken any more."""
    batch = data * (1 << 13)
    sent = 0
    connection.setblocking(False)
    # What is stuck this long is not merely slow.
    while sent < most and select.select([], [connection], [], 5)[1]:
        sent += connection.send(batch[sent % len(data):])
    connection.settimeout(20)
    return sent
