"""Frames that break RFC 6455: the connection is closed with the right code, nobody else's is."""

import json
import struct
import zlib

import pytest

from raw_socket import BINARY, CLOSE, PING, PONG, TEXT, RawSocket, frame

pytestmark = pytest.mark.usefixtures("unharmed")

MESSAGE_LIMIT = 1 << 20
CONTINUATION = 0
HEARTBEAT = b'[null,"1","phoenix","heartbeat",{}]'


@pytest.mark.parametrize("name, wire, code", [
    ("an unmasked frame", frame(TEXT, HEARTBEAT, masked=False), 1002),
    ("a reserved opcode", frame(3, b"x"), 1002),
    ("a reserved control opcode", frame(11, b"x"), 1002),
    ("a reserved bit", frame(TEXT, HEARTBEAT, reserved=1), 1002),
    ("compression nobody agreed on", frame(TEXT, HEARTBEAT, reserved=4), 1002),
    ("a fragmented ping", frame(PING, b"x", final=False), 1002),
    ("a ping of 126 bytes", frame(PING, b"x" * 126), 1002),
    ("a continuation of nothing", frame(CONTINUATION, b"x"), 1002),
    ("a message within a message", frame(TEXT, b"[", final=False) + frame(TEXT, b"]"), 1002),
    ("a length with its highest bit set", b"\x81\xff" + b"\xff" * 8 + bytes(4), 1002),
    ("one byte more than the limit", frame(TEXT, b"", length=MESSAGE_LIMIT + 1), 1009),
    ("exabytes", frame(BINARY, b"", length=2**62), 1009),
    ("fragments that add up beyond the limit",
     frame(TEXT, b"x" * MESSAGE_LIMIT, final=False) + frame(CONTINUATION, b"x"), 1009),
    ("text that is not UTF-8", frame(TEXT, b"\xff\xfe"), 1007),
    ("half a character at the end", frame(TEXT, "é".encode()[:1]), 1007),
    ("a surrogate in UTF-8", frame(TEXT, b'["\xed\xa0\x80"]'), 1007),
    ("a close code of 999", frame(CLOSE, struct.pack(">H", 999)), 1002),
    ("a close code of 1005", frame(CLOSE, struct.pack(">H", 1005)), 1002),
    ("a close of one byte", frame(CLOSE, b"\x03"), 1002),
    ("a close reason that is not UTF-8", frame(CLOSE, struct.pack(">H", 1000) + b"\xff"), 1007),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_wrong_frame_closes_its_own_connection(server, name, wire, code):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"))
        raw.send(wire)
        assert raw.close_code() == code, name


def test_a_binary_frame_on_version_1_is_unsupported(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"), version="1.0.0")
        raw.send(frame(BINARY, bytes(10)))
        assert raw.close_code() == 1003


def test_a_small_frame_that_inflates_beyond_the_limit_is_too_big(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"), extensions="permessage-deflate")
        deflate = zlib.compressobj(wbits=-15)
        bomb = deflate.compress(b"x" * 64 * MESSAGE_LIMIT) + deflate.flush(zlib.Z_SYNC_FLUSH)
        raw.send(frame(TEXT, bomb[:-4], reserved=4))
        assert raw.close_code() == 1009


def test_data_that_does_not_inflate_is_invalid(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"), extensions="permessage-deflate")
        raw.send(frame(TEXT, b"\xff" * 50, reserved=4))
        assert raw.close_code() == 1007


def test_a_message_of_exactly_the_limit_is_read(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"))
        filler = " " * (MESSAGE_LIMIT - len(HEARTBEAT))
        raw.send(frame(TEXT, HEARTBEAT + filler.encode()))
        opcode, payload = raw.read_frame()
        assert opcode == TEXT and json.loads(payload)[4]["status"] == "ok"


def test_fragments_byte_by_byte_with_pings_between_are_one_message(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"))
        data = b""
        for place, byte in enumerate(HEARTBEAT):
            opcode = TEXT if place == 0 else CONTINUATION
            data += frame(opcode, bytes([byte]), final=place + 1 == len(HEARTBEAT))
            data += frame(PING, bytes([byte]))
        for byte in data:
            raw.send(bytes([byte]))
        answers = [raw.read_frame() for _ in range(len(HEARTBEAT) + 1)]
        assert [payload for opcode, payload in answers if opcode == PONG] == [
            bytes([byte]) for byte in HEARTBEAT]
        assert [json.loads(p)[4]["status"] for o, p in answers if o == TEXT] == ["ok"]


def test_what_follows_a_close_is_ignored(server):
    with RawSocket(server) as raw:
        raw.upgrade(server.token("ana"))
        raw.send(frame(CLOSE, struct.pack(">H", 1000)) + frame(TEXT, HEARTBEAT) * 100)
        opcode, payload = raw.read_frame()
        assert (opcode, struct.unpack(">H", payload[:2])[0]) == (CLOSE, 1000)
        assert raw.is_closed_within(10)
