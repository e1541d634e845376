"""Upgrades that must be refused, each with its reason, while others go on talking."""

import base64
import json
import time

import pytest

from raw_socket import RawSocket
from rollcall_server import base64url, sign

pytestmark = pytest.mark.usefixtures("unharmed")

KEY = base64.b64encode(b"sixteen bytes...").decode()


def upgrade(token="", *, method="GET", version="13", key=KEY, vsn="2.0.0", more=""):
    return (f"{method} /socket/websocket?vsn={vsn}&token={token} HTTP/1.1\nHost: test\n"
            f"Upgrade: websocket\nConnection: Upgrade\n"
            + (f"Sec-WebSocket-Version: {version}\n" if version else "")
            + (f"Sec-WebSocket-Key: {key}\n" if key else "")
            + f"{more}\n")


def refusal(server, text):
    """Status, head and the error's name."""
    with RawSocket(server) as raw:
        status, head, body = raw.request(text)
        return status, head, json.loads(body)["error"]["name"]


@pytest.mark.parametrize("wrong, status", [
    ({"key": None}, 400),
    ({"key": "short"}, 400),
    ({"version": "12"}, 426),
    ({"version": None}, 426),
    ({"method": "POST", "more": "Content-Length: 0\n"}, 405),
    ({"vsn": "3.0.0"}, 400),
    ({"vsn": "x"}, 400),
    ({"more": "X: " + "y" * 100_000 + "\n"}, 431),
    ({"more": "".join(f"X-{n}: y\n" for n in range(1_000))}, 431),
    ({"more": " folded\n"}, 400),
], ids=lambda value: str(value)[:30])
def test_a_bad_upgrade_is_refused_with_the_right_status(server, wrong, status):
    answer, head, name = refusal(server, upgrade(server.token("ana"), **wrong))
    assert (answer, name) == (status, "invalid_payload")
    if status == 426:
        assert "sec-websocket-version: 13" in head
    if status == 405:
        assert "allow: get" in head


def test_an_upgrade_without_a_token_is_refused(server):
    assert refusal(server, upgrade())[::2] == (401, "token_invalid")


def test_an_expired_token_is_refused_and_told_so(server):
    # Clocks may disagree by 30 s, so it has to be older than that.
    assert refusal(server, upgrade(server.token("ana", lasts=-31)))[::2] == (401, "token_expired")


def test_a_token_that_ends_meanwhile_ends_the_connection(server):
    with RawSocket(server) as raw:
        # Within the leeway: a second of it is left.
        raw.upgrade(server.token("ana", lasts=-28))
        assert raw.close_code() == 4001


@pytest.mark.parametrize("make", [
    lambda server, claims: sign(claims, b"x" * 43),
    lambda server, claims: sign(claims, server.secret, {"alg": "none", "typ": "JWT"}),
    lambda server, claims: sign(claims, b"", {"alg": "none"}).rpartition(".")[0] + ".",
    lambda server, claims: sign(claims, server.secret, {"alg": "RS256"}),
    lambda server, claims: sign(claims, server.secret, {"alg": "HS256", "crit": ["b64"]}),
    lambda server, claims: sign({"sub": "ana"}, server.secret),
    lambda server, claims: sign({**claims, "exp": "soon"}, server.secret),
    lambda server, claims: sign({**claims, "nbf": claims["exp"]}, server.secret),
    lambda server, claims: sign({**claims, "sub": ["ana"]}, server.secret),
    lambda server, claims: sign([claims], server.secret),
    lambda server, claims: sign(claims, server.secret) + "x",
    lambda server, claims: sign(claims, server.secret).replace(".", "..", 1),
    lambda server, claims: base64url(b"\xff" * 30) + "." + base64url(b"{") + ".",
    lambda server, claims: "x" * 7_000,
], ids=[
    "another secret", "alg none", "no signature", "another algorithm", "crit", "no exp",
    "exp is text", "not yet", "sub is a list", "claims are a list",
    "a longer signature", "four parts", "no JSON", "no token at all"])
def test_a_token_that_is_not_ours_is_refused(server, make):
    token = make(server, {"sub": "ana", "exp": int(time.time()) + 3600})
    assert refusal(server, upgrade(token))[::2] == (401, "token_invalid")


def test_a_client_that_sends_a_byte_a_second_is_hung_up_on(server):
    with RawSocket(server) as raw:
        began = time.monotonic()
        for byte in upgrade(server.token("ana")).replace("\n", "\r\n").encode():
            try:
                raw.send(bytes([byte]))
            except OSError:
                break
            if raw.is_closed_within(1):
                break
            assert time.monotonic() - began < 30, "still waiting for it"
        print(f"hung up after {time.monotonic() - began:.1f} s")


@pytest.mark.parametrize("text, status", [
    ("GET / HTTP/1.1\n\n", 400),
    ("GET / HTTP/9.9\nHost: x\n\n", 505),
    ("BREW /pot HTTP/1.1\nHost: x\n\n", 501),
    ("GET /nothing HTTP/1.1\nHost: x\n\n", 404),
    ("DELETE / HTTP/1.1\nHost: x\n\n", 405),
    ("GET /" + "x" * 70_000 + " HTTP/1.1\nHost: x\n\n", 414),
    ("POST /api/broadcast HTTP/1.1\nHost: x\nContent-Length: 99999999999999999999\n\n", 400),
    ("POST /api/broadcast HTTP/1.1\nHost: x\nContent-Length: 1048577\n\n", 413),
    ("POST /api/broadcast HTTP/1.1\nHost: x\nContent-Length: 2\nTransfer-Encoding: chunked\n\n",
     400),
    ("POST /api/broadcast HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}", 401),
    ("\x16\x03\x01\x02\x00\x01 TLS where there is none\n\n", 400),
], ids=lambda value: str(value)[:30].replace("\n", " "))
def test_a_bad_request_is_answered_with_the_right_status(server, text, status):
    with RawSocket(server) as raw:
        assert raw.request(text)[0] == status


def test_broadcasting_over_http_takes_a_service_token_and_no_room(server):
    service = server.token(scope="broadcast", role="service")
    answers = []
    for token, body in [
        (server.token("ana"), '{"messages": []}'),
        (service, "no JSON"),
        (service, '{"messages": [{"topic": "course:writing", "event": "e", "payload": {}}]}'),
        (service, '{"messages": [{"topic": "t", "event": "e", "payload": 5}]}'),
        (service, '{"messages": [{"topic": "t", "event": "e", "payload": {}}]}'),
    ]:
        with RawSocket(server) as raw:
            answers.append(raw.request(
                f"POST /api/broadcast HTTP/1.1\nHost: x\nAuthorization: Bearer {token}\n"
                f"Content-Length: {len(body)}\n\n{body}")[0])
    assert answers == [403, 422, 422, 422, 202]
