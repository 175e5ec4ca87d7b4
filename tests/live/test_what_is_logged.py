"""What a server writes while strangers ask for what they cannot have: a line for each, and nothing of theirs."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.http.raw_server import Answer, exchange
from tests.live.client import hello, opened, watching
from tests.live.conftest import Scene
from tests.live.processes import Process

SECRET = "Doris-Example-9990000018"
HOST = "Host: tendwell.test"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
VERSION = "Sec-WebSocket-Version: 13"
PROTOCOL = "Sec-WebSocket-Protocol: tendwell.v1"
UPGRADE = ("Connection: keep-alive, Upgrade", "Upgrade: websocket")
SOUND = (HOST, *UPGRADE, VERSION, KEY, PROTOCOL)
LIVE = "GET /v1/live HTTP/1.1"


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([line, *headers, "", ""]).encode("latin-1") + body


# Every request carries the secret somewhere; the status is what it must be answered with.
REFUSED_HANDSHAKES: dict[str, tuple[bytes, int]] = {
    "another path": (request(f"GET /v1/patients/{SECRET} HTTP/1.1", *SOUND), 404),
    "an address of the API": (request("GET /v1/me HTTP/1.1", *SOUND, f"X-Note: {SECRET}"), 404),
    "below the socket's": (request(f"GET /v1/live/{SECRET} HTTP/1.1", *SOUND), 404),
    "a path that is no UTF-8": (request(f"GET /v1/live%ff{SECRET} HTTP/1.1", *SOUND), 404),
    "the console": (request(f"GET /console/{SECRET} HTTP/1.1", *SOUND), 404),
    "a query": (request(f"GET /v1/live?ticket={SECRET} HTTP/1.1", *SOUND), 400),
    "another page": (request(LIVE, *SOUND, f"Origin: https://{SECRET.lower()}.example"), 403),
    "another subprotocol": (request(LIVE, *SOUND[:-1], f"Sec-WebSocket-Protocol: {SECRET}"), 400),
    "no subprotocol": (request(LIVE, *SOUND[:-1], f"X-Note: {SECRET}"), 400),
    "another version": (request(LIVE, HOST, *UPGRADE, "Sec-WebSocket-Version: 99", KEY, f"X-Note: {SECRET}"), 426),
    "a version that is no number": (request(LIVE, HOST, *UPGRADE, f"Sec-WebSocket-Version: {SECRET}", KEY), 426),
    "no version": (request(LIVE, HOST, *UPGRADE, KEY, PROTOCOL, f"X-Note: {SECRET}"), 426),
    "another version elsewhere": (request(f"GET /v1/{SECRET} HTTP/1.1", HOST, *UPGRADE, KEY), 426),
    "no key": (request(LIVE, HOST, *UPGRADE, VERSION, PROTOCOL, f"X-Note: {SECRET}"), 400),
    "two keys": (request(LIVE, *SOUND, KEY, f"X-Note: {SECRET}"), 400),
    "a key that is none": (request(LIVE, HOST, *UPGRADE, VERSION, PROTOCOL, f"Sec-WebSocket-Key: {SECRET}"), 400),
    "two hosts": (request(LIVE, f"Host: {SECRET}.example", *SOUND), 400),
    "a host that is none": (request(LIVE, f"Host: {SECRET} x", *SOUND[1:]), 400),
    "no host": (request(LIVE, *SOUND[1:], f"X-Note: {SECRET}"), 400),
    "two tokens": (request(LIVE, *SOUND, f"Authorization: Bearer {SECRET}", f"Authorization: {SECRET}"), 400),
    "too many headers": (request(LIVE, *SOUND, *[f"X-{number}: {SECRET}" for number in range(120)]), 431),
    "a long line": (request(LIVE, *SOUND, f"Cookie: {SECRET * 400}"), 400),
    "a long address": (request(f"GET /v1/live/{SECRET * 1000} HTTP/1.1", *SOUND), 400),
    "a POST": (request("POST /v1/live HTTP/1.1", *SOUND, f"X-Note: {SECRET}"), 400),
    "HTTP/1.0": (request("GET /v1/live HTTP/1.0", *SOUND, f"X-Note: {SECRET}"), 400),
    "a body": (request(LIVE, *SOUND, f"Content-Length: {len(SECRET)}", body=SECRET.encode()), 400),
    "a chunked body": (request(LIVE, *SOUND, "Transfer-Encoding: chunked", body=b"1\r\nx\r\n0\r\n\r\n"), 400),
    "no upgrade at all": (request(LIVE, HOST, f"X-Note: {SECRET}", "Connection: close"), 426),
    "another upgrade": (request(LIVE, HOST, "Connection: Upgrade", "Upgrade: h2c", f"X-Note: {SECRET}"), 426),
    "another method": (request("PUT /v1/live HTTP/1.1", HOST, "Connection: close", f"X-Note: {SECRET}"), 405),
}
# The others are refused before an address is looked for, or there is no route.
REFUSED_BY_THE_ROUTE = {
    "a query",
    "another page",
    "another subprotocol",
    "no subprotocol",
    "no upgrade at all",
    "another upgrade",
    "another method",
}
REFUSED_REQUESTS: dict[str, tuple[bytes, int]] = {
    "an unknown address": (request(f"GET /{SECRET} HTTP/1.1", HOST, "Connection: close"), 404),
    "an unknown problem": (request(f"GET /problems/{SECRET} HTTP/1.1", HOST, "Connection: close"), 404),
    "a bad token": (request("GET /v1/me HTTP/1.1", HOST, f"Authorization: Bearer {SECRET}", "Connection: close"), 401),
    "a parameter": (request(f"GET /v1/me?{SECRET}=1 HTTP/1.1", HOST, "Connection: close"), 422),
    "a method": (request(f"{SECRET} / HTTP/1.1", HOST, "Connection: close"), 501),
    "a protocol": (request(f"GET /{SECRET} HTTP/9.9", HOST), 400),
    "a header": (request("GET / HTTP/1.1", HOST, f"{SECRET}\x00: x"), 400),
    "a raw byte": (request(f"GET /{SECRET}\xff HTTP/1.1", *SOUND), 400),
    "bad JSON": (
        request(
            "POST /v1/sessions HTTP/1.1",
            HOST,
            "Content-Type: application/json",
            f"Content-Length: {len(SECRET)}",
            "Connection: close",
            body=SECRET.encode(),
        ),
        400,
    ),
}


class Written:
    """What one process has written since a moment, and the lines of it that tell of requests."""

    def __init__(self, api: Process) -> None:
        self.api, self.start = api, len(api.log.read_bytes())

    def text(self) -> str:
        return self.api.log.read_bytes()[self.start :].decode()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]

    async def request(self, **wanted: object) -> dict[str, Any]:
        """Return the one line of a request that has these values, as soon as it is there."""
        async with asyncio.timeout(10):
            while True:
                found = [
                    line for line in self.lines() if line.get("event") == "request" and wanted.items() <= line.items()
                ]
                if found:
                    (only,) = found
                    return only
                await asyncio.sleep(0.02)

    def is_nobody_s_business(self) -> None:
        """Fail if anything of a client stands there, or a client's fault is called an error of ours."""
        text = self.text()
        assert SECRET.lower() not in text.lower()
        assert "127.0.0.1" not in text
        assert not [line for line in self.lines() if line["level"] not in {"INFO", "WARNING"}], text


@pytest.fixture
def written(scene: Scene) -> Written:
    return Written(scene.apis[0])


def told(answer: Answer, status: int) -> str:
    """Return the request id of a problem, which must be complete."""
    assert (answer.status, answer.headers.get("content-type")) == (status, "application/problem+json"), answer
    problem = json.loads(answer.body)
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert SECRET not in answer.body.decode()
    request_id: str = problem["request_id"]
    return request_id


@pytest.mark.parametrize("what", REFUSED_HANDSHAKES)
async def test_a_refused_handshake_is_a_problem_and_one_line_in_the_log(written: Written, what: str) -> None:
    sent, status = REFUSED_HANDSHAKES[what]
    answer = await asyncio.to_thread(exchange, written.api.port, sent)
    line = await written.request(request_id=told(answer, status))
    assert (line["status"], line["logger"]) == (status, "tendwell.access")
    assert line["milliseconds"] >= 0
    assert line["route"] == ("/v1/live" if what in REFUSED_BY_THE_ROUTE else "")
    if status == 426:
        assert answer.headers["sec-websocket-version"] == "13"
        assert answer.headers["upgrade"] == "websocket"
    written.is_nobody_s_business()


@pytest.mark.parametrize("what", REFUSED_REQUESTS)
async def test_a_refused_request_is_a_problem_and_one_line_in_the_log(written: Written, what: str) -> None:
    sent, status = REFUSED_REQUESTS[what]
    answer = await asyncio.to_thread(exchange, written.api.port, sent)
    assert (await written.request(request_id=told(answer, status)))["status"] == status
    written.is_nobody_s_business()


def test_two_headers_that_may_stand_once_are_refused_on_a_socket_as_on_any_request(scene: Scene) -> None:
    answer = exchange(scene.apis[0].port, request(LIVE, HOST, *SOUND))
    assert json.loads(answer.body)["type"] == "/problems/malformed-request"


async def test_a_socket_that_has_ended_is_one_line_in_the_log(
    scene: Scene, http: httpx.AsyncClient, written: Written
) -> None:
    asha = await scene.signed_in(http, "asha_clinician_of_practice")
    headers = {"X-Request-ID": "0190f3a2-7c1e-7c1e-9c1e-0a000000000f"}
    async with watching(http, written.api, asha, [scene.patient("sam_at_home")], additional_headers=headers) as socket:
        assert socket.socket.response is not None
        assert socket.socket.response.headers["X-Request-ID"] == "0190f3a2-7c1e-7c1e-9c1e-0a000000000f"
        await socket.hear_a("welcome")
        await asyncio.sleep(0.2)  # not an assertion: the line must count it
    line = await written.request(request_id="0190f3a2-7c1e-7c1e-9c1e-0a000000000f")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/live", 101)
    assert line["milliseconds"] >= 200
    written.is_nobody_s_business()


FRAMES = {
    "no JSON": b"\x81\x98" + bytes(4) + SECRET.encode(),
    "binary": b"\x82\x98" + bytes(4) + SECRET.encode(),
    "not UTF-8": b"\x81\x99" + bytes(4) + SECRET.encode() + b"\xff",
    "not UTF-8 in fragments": b"\x01\x98" + bytes(4) + SECRET.encode() + b"\x80\x81" + bytes(4) + b"\xff",
    "unmasked": b"\x81\x18" + SECRET.encode(),
    "a reserved opcode": b"\x83\x98" + bytes(4) + SECRET.encode(),
    "a long ping": b"\x89\xfe\x00\x80" + bytes(4) + b"x" * 128,
    "too big": b"\x81\xff" + struct.pack("!Q", 2**40) + bytes(4),
    "a close with a reason": b"\x88\x9a" + bytes(4) + struct.pack("!H", 4000) + SECRET.encode(),
    "a broken close": b"\x88\x81" + bytes(4) + b"x",
}


@pytest.mark.parametrize("what", FRAMES)
async def test_what_is_said_on_a_socket_is_never_logged(written: Written, what: str) -> None:
    request_id = str(uuid4())
    sent = request(LIVE, *SOUND, f"X-Request-ID: {request_id}")
    answer = await asyncio.to_thread(exchange, written.api.port, sent, FRAMES[what], pause=0.1)
    assert answer.status == 101
    assert (await written.request(request_id=request_id))["status"] == 101
    written.is_nobody_s_business()


async def test_who_leaves_in_the_middle_of_a_handshake_or_a_request_is_no_error(written: Written) -> None:
    for sent in (request(LIVE, *SOUND), request(f"GET /v1/{SECRET} HTTP/1.1", *SOUND), request("GET / HTTP/1.1", HOST)):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", written.api.port)) as leaving:
                leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset at once
                leaving.sendall(sent)
    async with asyncio.timeout(10):
        while sum(line.get("event") == "request" for line in written.lines()) < 15:
            await asyncio.sleep(0.02)
    written.is_nobody_s_business()


async def test_a_socket_of_a_stranger_is_closed_and_logged_without_the_ticket(written: Written) -> None:
    with suppress(ConnectionClosed):
        async with opened(
            written.api, additional_headers={"X-Request-ID": "0190f3a2-7c1e-7c1e-9c1e-0a0000000010"}
        ) as socket_:
            await socket_.say(hello(SECRET))
            assert await socket_.close_code() == 4401
    assert (await written.request(request_id="0190f3a2-7c1e-7c1e-9c1e-0a0000000010"))["status"] == 101
    written.is_nobody_s_business()
