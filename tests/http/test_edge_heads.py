"""Requests whose head or body is slow, endless or broken: what the edge does on a real server, byte by byte."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from api.response_headers import ALWAYS, OVER_TLS
from tests.http.edge_app import OBSERVATIONS
from tests.http.raw_server import exchange
from tests.live.processes import serving

HOST = b"Host: tendwell.test\r\n"
POST = f"POST {OBSERVATIONS} HTTP/1.1\r\n".encode()
GET = f"GET {OBSERVATIONS} HTTP/1.1\r\n".encode()
TYPE = b"Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving("tests.http.edge_app", tmp_path_factory.mktemp("edge")) as served:
        yield served.port


def test_a_head_that_stops_half_way_is_not_waited_for(port: int) -> None:
    answer = exchange(port, GET + HOST)
    assert (answer.status, answer.headers["content-type"]) == (408, "application/problem+json")
    assert answer.seconds < 5
    assert {name.lower(): answer.headers[name.lower()] for name in ALWAYS} == {n.lower(): v for n, v in ALWAYS.items()}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"FOO / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
        (GET + HOST + b"X-A: \0\r\n\r\n", 400),
        (GET, 408),
        (b"GET /nowhere HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 404),
    ],
)
def test_every_answer_tells_browsers_to_come_by_https_only_those_too_that_no_application_gave(
    port: int, sent: bytes, status: int
) -> None:
    answer = exchange(port, sent)
    assert answer.status == status
    assert answer.headers["strict-transport-security"] == OVER_TLS["Strict-Transport-Security"]


@pytest.mark.parametrize("deep", [30_000, 100_000])
def test_auth_023_a_token_too_large_for_any_head_is_a_token_that_is_not_good(port: int, deep: int) -> None:
    token = base64.urlsafe_b64encode(b"[" * deep).rstrip(b"=") + b".e30." + b"A" * 86
    answer = exchange(port, GET + HOST + b"Authorization: Bearer " + token + b"\r\n\r\n")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert b"WwX" not in answer.body
    beside = b"X-A: " + b"a" * 33_000 + b"\r\n"
    assert exchange(port, GET + HOST + b"Authorization: Bearer " + token + b"\r\n" + beside + b"\r\n").status == 431


def test_a_head_that_trickles_is_not_waited_for(port: int) -> None:
    answer = exchange(port, GET, *[b"X-A: b\r\n"] * 20, pause=0.1)
    assert answer.status == 408


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET"])
def test_a_connection_that_says_nothing_is_closed(port: int, sent: bytes) -> None:
    answer = exchange(port, sent)
    assert (answer.status, answer.headers["connection"]) == (408, "close")


def test_a_second_request_that_stops_half_way_is_not_waited_for(port: int) -> None:
    answer = exchange(port, GET + HOST + b"\r\n" + GET[:10], b"", pause=1.5)
    assert answer.status == 200
    assert answer.rest.startswith(b"HTTP/1.1 408 ")


def test_a_kept_connection_is_not_hurried_between_requests(port: int) -> None:
    answer = exchange(port, GET + HOST + b"\r\n", GET + HOST + b"\r\n", pause=1.5)
    assert answer.status == 200
    assert answer.rest.startswith(b"HTTP/1.1 200 ")


def test_a_body_that_trickles_has_one_deadline_for_all_of_it(port: int) -> None:
    answer = exchange(port, POST + HOST + TYPE + b"Content-Length: 100\r\n\r\n", *[b" "] * 20, pause=0.1)
    assert (answer.status, answer.headers["connection"]) == (408, "close")


def test_a_refused_body_is_read_to_its_end_so_that_the_answer_arrives(port: int) -> None:
    head = POST + HOST + TYPE + b"Content-Length: 20000000\r\n\r\n"
    answer = exchange(port, head, *[b"x" * 1_000_000] * 20)
    assert (answer.status, json.loads(answer.body)["type"]) == (413, "/problems/body-too-large")


def test_what_the_parser_refuses_is_a_problem_too(port: int) -> None:
    answer = exchange(port, b"GET / HTTP/9.9\r\n\r\n")
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(answer.body)["request_id"] == answer.headers["x-request-id"]
