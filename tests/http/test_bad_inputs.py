"""Bad input of every kind the vectors name: the expected refusal, never a 5xx, nothing repeated or half-stored."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from tests.architecture.source import names_of_tests
from tests.cast import Cast
from tests.http.bad_input_asks import (
    ASHA,
    CASES,
    NAUGHTY,
    NOT_HERE,
    NOT_YET,
    OURS,
    RAW_HTTP,
    SAM,
    SEQUENCES,
    SINGLE,
    TESS,
    Ask,
    ask,
    observations_of,
    reading,
)
from tests.http.conftest import ClientOf
from tests.http.edge_app import OBSERVATIONS
from tests.http.raw_server import Answer, exchange
from tests.live.processes import serving


def test_every_case_of_our_areas_is_asked_or_says_why_not() -> None:
    groups = [SINGLE, SEQUENCES, RAW_HTTP, frozenset(NOT_YET), frozenset(NOT_HERE)]
    assert frozenset().union(*groups) == CASES.keys()
    assert sum(map(len, groups)) == len(CASES)
    assert OURS.keys() <= CASES.keys()
    assert len(NOT_YET) == 0


def test_every_case_of_more_than_one_request_stands_in_a_test_s_name() -> None:
    words = " ".join(names_of_tests())
    named = {case for case in SEQUENCES if re.search(_in_names(case), words)}
    assert SEQUENCES - named == set()


def _in_names(case: str) -> str:
    """Return what finds a case in a test's name: `test_page_007_and_008_…` speaks of two."""
    area, number = case.lower().split("-")
    return rf"test_{area}_(\d+_and_)*{number}(_|\b)"


async def _rows(session: AsyncSession) -> dict[str, int]:
    """Return how many rows each table has; the audit is not counted, as a refusal may be audited."""
    tables = await session.execute(
        text(
            "select format('%I.%I', table_schema, table_name) from information_schema.tables"
            " where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
        )
    )
    names = [name for (name,) in tables if "audit" not in name]
    assert len(names) > 5
    counted = " union all ".join(f"select '{name}' as name, count(*) as rows from {name}" for name in names)
    return {row.name: row.rows for row in await session.execute(text(counted))}


async def _answer(client_of: ClientOf, asked: Ask) -> httpx.Response:
    return await client_of(asked.caller).request(
        asked.method, asked.path, content=asked.content, headers=dict(asked.headers)
    )


def _assert_told_as_a_problem(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["type"].startswith("/problems/")
    assert told["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("name", sorted(SINGLE))
async def test_a_bad_input_is_refused_as_expected_and_stores_nothing(
    name: str, cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    expected = CASES[name]["expect"]
    asked = ask(name, cast)
    before = await _rows(session)
    started = time.perf_counter()
    answer = await _answer(client_of, asked)
    assert answer.status_code in expected["status"], answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers
    if answer.status_code >= 400:
        _assert_told_as_a_problem(answer)
        assert await _rows(session) == before
        if asked.secret and asked.secret.strip():
            assert asked.secret not in answer.text
    else:
        assert "no_row_written" not in expected["invariants"] or await _rows(session) == before
    assert time.perf_counter() - started < 2  # two megabytes of hostile JSON too


# More than one request


class Phone:
    """One patient's phone: it records readings and reads them back."""

    def __init__(self, client: httpx.AsyncClient, patient_id: object, cast: Cast) -> None:
        self.client = self._client = client
        self._address, self._cast = observations_of(patient_id), cast

    async def record(self, *names: str, **changed: object) -> httpx.Response:
        readings = [reading(self._cast.now, name, **changed) for name in names]
        return await self._client.post(self._address, json={"readings": readings})

    async def send(self, readings: list[dict[str, object]]) -> httpx.Response:
        return await self._client.post(self._address, json={"readings": readings})

    async def list(self, **query: str) -> httpx.Response:
        return await self._client.get(self._address, params=query)


@pytest.fixture
def sam(cast: Cast, client_of: ClientOf) -> Phone:
    return Phone(client_of(SAM), cast.patients["sam_at_home"], cast)


@pytest.fixture
def tess(cast: Cast, client_of: ClientOf) -> Phone:
    return Phone(client_of(TESS), cast.patients["tess_of_other_practice"], cast)


async def _stored(phone: Phone) -> list[Any]:
    listed = (await phone.list(limit="200")).json()
    assert listed["next_cursor"] is None
    return list(listed["items"])


async def test_idem_001_and_008_a_repeat_is_answered_alike_and_stored_once_however_late(sam: Phone) -> None:
    first, second = await sam.record("k"), await sam.record("k")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["verdicts"][0]["verdict"] == "duplicate"
    ids = {answer.json()["verdicts"][0]["observation_id"] for answer in (first, second)}
    assert ids == {row["id"] for row in await _stored(sam)}


async def test_idem_002_a_repeat_that_disagrees_is_a_conflict_and_changes_nothing(sam: Phone) -> None:
    await sam.record("k")
    answer = await sam.record("k", value=6.4)
    assert answer.status_code in OURS["IDEM-002"][0]
    _assert_told_as_a_problem(answer)
    assert [row["value"] for row in await _stored(sam)] == [5.4]


async def test_idem_005_a_reading_without_the_phones_own_id_is_refused(sam: Phone, cast: Cast) -> None:
    claim = reading(cast.now, "k")
    del claim["client_id"]
    answer = await sam.send([claim])
    assert answer.status_code in OURS["IDEM-005"][0]
    assert await _stored(sam) == []


async def test_idem_007_two_people_may_use_the_same_id_and_see_only_their_own(sam: Phone, tess: Phone) -> None:
    for phone in (sam, tess):
        assert (await phone.record("k")).status_code == 201
    (his,), (hers,) = await _stored(sam), await _stored(tess)
    assert his["id"] != hers["id"]
    assert his["patient_id"] != hers["patient_id"]


async def test_idem_010_a_refused_reading_can_be_mended_and_sent_again_under_its_id(sam: Phone) -> None:
    assert (await sam.record("k", unit="stones")).status_code == 422
    assert (await sam.record("k")).status_code == 201
    assert len(await _stored(sam)) == 1


async def test_idem_011_a_batch_with_one_bad_reading_says_what_became_of_each(sam: Phone, cast: Cast) -> None:
    claims = [
        reading(cast.now, f"k{n}", effective_at=(cast.now - timedelta(minutes=n + 1)).isoformat()) for n in range(100)
    ]
    claims[41]["value"] = 1000
    answer = await sam.send(claims)
    assert answer.status_code in CASES["IDEM-011"]["expect"]["status"]
    told = [each["verdict"] for each in answer.json()["verdicts"]]
    assert told == ["stored"] * 41 + ["refused"] + ["stored"] * 58
    reported = {each["observation_id"] for each in answer.json()["verdicts"]} - {None}
    assert {row["id"] for row in await _stored(sam)} == reported


async def test_clin_004_a_weight_that_jumps_must_be_confirmed(sam: Phone, cast: Cast) -> None:
    earlier = (cast.now - timedelta(days=1)).isoformat()
    assert (await sam.record("w1", sign="body_weight", unit="kg", value=80, effective_at=earlier)).status_code == 201
    answer = await sam.record("w2", sign="body_weight", unit="kg", value=176)
    assert answer.status_code in CASES["CLIN-004"]["expect"]["status"]
    assert [row["value"] for row in await _stored(sam)] == [80]


async def _pages_begun(phone: Phone, cast: Cast) -> str:
    """Return the cursor of the second page of three readings, one a page."""
    for n in range(3):
        await phone.record(f"p{n}", effective_at=(cast.now - timedelta(hours=n + 1)).isoformat())
    cursor = (await phone.list(limit="1")).json()["next_cursor"]
    assert isinstance(cursor, str)
    return cursor


async def test_page_007_and_008_a_cursor_is_good_for_its_own_caller_list_and_filter(
    sam: Phone, tess: Phone, cast: Cast, client_of: ClientOf
) -> None:
    cursor = await _pages_begun(sam, cast)
    assert (await sam.list(cursor=cursor)).status_code == 200
    clinician = Phone(client_of("asha_clinician_of_practice"), cast.patients["sam_at_home"], cast)
    for refused in (
        await tess.list(cursor=cursor),
        await clinician.list(cursor=cursor),
        await sam.list(cursor=cursor, sign="blood_glucose"),
        await client_of(SAM).get(f"/v1/patients/{cast.patients['sam_at_home']}/goals", params={"cursor": cursor}),
        await sam.list(cursor=cursor[:-1] + ("A" if cursor[-1] != "A" else "B")),
        await sam.list(cursor=""),
    ):
        assert refused.status_code == 400
        _assert_told_as_a_problem(refused)


async def test_page_010_a_cursor_from_before_a_restore_is_gone_not_wrong(
    sam: Phone, cast: Cast, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.feed, "epoch", uuid4())
    cursor = await _pages_begun(sam, cast)
    assert (await sam.list(cursor=cursor)).status_code == 200
    monkeypatch.setattr(app.state.feed, "epoch", uuid4())
    answer = await sam.list(cursor=cursor)
    assert answer.status_code in CASES["PAGE-010"]["expect"]["status"]
    _assert_told_as_a_problem(answer)


async def test_the_next_page_s_address_stands_in_the_head_and_keeps_the_filters(sam: Phone, cast: Cast) -> None:
    await _pages_begun(sam, cast)
    first = await sam.list(limit="1", sign="blood_glucose", until=(cast.now + timedelta(hours=1)).isoformat())
    link = re.fullmatch(r'<(/v1/[^>]+)>; rel="next"', first.headers["link"])
    assert link is not None
    second = await sam.client.get(link[1])
    assert second.status_code == 200
    assert second.json()["items"][0]["id"] not in {each["id"] for each in first.json()["items"]}
    assert len(second.json()["items"]) == 1
    assert "link" not in (await sam.list(limit="200")).headers


async def test_page_011_what_arrives_while_paging_neither_hides_nor_repeats_a_row(sam: Phone, cast: Cast) -> None:
    seen: list[str] = []
    cursor = await _pages_begun(sam, cast)
    seen += [row["id"] for row in (await sam.list(limit="1")).json()["items"]]
    await sam.record("newer", effective_at=(cast.now - timedelta(minutes=1)).isoformat())
    await sam.record("older", effective_at=(cast.now - timedelta(hours=9)).isoformat())
    while cursor:
        page = (await sam.list(limit="1", cursor=cursor)).json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
    rows = await _stored(sam)
    assert seen == [row["id"] for row in rows[1:]]


async def _told_back(client: httpx.AsyncClient, cast: Cast, texts: list[str]) -> list[str]:
    """Return the texts of a plan's actions as they come back, having left out those that are refused by name."""
    today = london_date(cast.now)
    plan = {
        "title": "Naughty",
        "agreed_on": today.isoformat(),
        "review_on": (today + timedelta(days=28)).isoformat(),
        "actions": [
            {"title": f"{n}", "instructions": each, "schedule": {"rrule": "FREQ=DAILY"}} for n, each in enumerate(texts)
        ],
    }
    plans = f"/v1/patients/{cast.patients['sam_at_home']}/action-plans"
    answer = await client.post(plans, json=plan)
    if answer.status_code == 422:
        refused = {int(fault["pointer"].split("/")[2]) for fault in answer.json()["errors"]}
        assert refused
        return await _told_back(client, cast, [each for n, each in enumerate(texts) if n not in refused])
    assert answer.status_code == 201, answer.text
    ended = await client.post(f"{plans}/{answer.json()['id']}/end", json={"reason": "So many times a day are too many"})
    assert ended.status_code == 200, ended.text
    return [action["instructions"] for action in answer.json()["actions"]]


async def test_text_011_every_naughty_string_comes_back_exactly_or_is_refused(cast: Cast, client_of: ClientOf) -> None:
    kept = 0
    for start in range(0, len(NAUGHTY), 50):
        sent = NAUGHTY[start : start + 50]
        told = await _told_back(client_of(ASHA), cast, sent)
        accepted = [each for each in sent if each in told]
        assert told == accepted
        kept += len(accepted)
    assert len(NAUGHTY) > kept > 400


# Signing in (the forged tokens themselves: tests/unit/test_tokens.py)


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer a.b.c",
        b"Bearer \xff\xfe",
        b"Bearer " + b"A" * 8000,
        b"Basic c2FtOnBhc3N3b3Jk",
        b"bearer  two  parts",
        b"Bearer SSIgdGlja2V0",
    ],
)
async def test_auth_001_and_022_without_a_good_token_there_is_no_answer_but_401(
    credentials: bytes | None, cast: Cast, client_of: ClientOf
) -> None:
    headers = {} if credentials is None else {b"authorization": credentials}
    answer = await client_of(None).get(observations_of(cast.patients["sam_at_home"]), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    _assert_told_as_a_problem(answer)


@pytest.mark.parametrize("password", ["x" * 5000, "\ud800", "", "\x00", 5, None, ["x"]])
async def test_auth_037_and_038_a_password_that_cannot_be_one_is_refused(client_of: ClientOf, password: object) -> None:
    body = json.dumps({"email": "sam_himself@example.test", "password": password}).encode()
    answer = await client_of(None).post("/v1/sessions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 401, 422}
    _assert_told_as_a_problem(answer)
    assert "xxxxx" not in answer.text


# Byte by byte, to a real server

HEAD = f"POST {OBSERVATIONS} HTTP/1.1\r\n"
HOST = "Host: tendwell.test\r\n"
JSON_TYPE = "Content-Type: application/json\r\n"
BODY = '{"readings":[{"sign":"a","value":1,"effective_at":"2026-01-01T00:00:00Z"}]}'


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving("tests.http.edge_app", tmp_path_factory.mktemp("edge")) as served:
        yield served.port


def _sent(name: str) -> list[bytes]:
    """Return the bytes of a raw case, in the parts in which they are to be sent."""
    request = CASES[name]["request"]
    length = f"Content-Length: {len(BODY)}\r\n"
    if "chunked_bytes" in request:
        chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        head = f"{HEAD}{HOST}{JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n".encode()
        return [head, *[chunk] * (request["chunked_bytes"] // 0x100000), b"0\r\n\r\n"]
    if "content_length" in request:
        stalled = f"{HEAD}{HOST}{JSON_TYPE}Content-Length: {request['content_length']}\r\n\r\n"
        return [stalled.encode() + b"{" * request["send"]]
    if "header_bytes" in request:
        return [f"{HEAD}{HOST}{JSON_TYPE}{length}X-A: {'a' * request['header_bytes']}\r\n\r\n{BODY}".encode()]
    if "no_host" in request:
        return [f"{HEAD}{JSON_TYPE}{length}\r\n{BODY}".encode()]
    if "method" in request:
        return [f"{request['method']} {OBSERVATIONS} HTTP/1.1\r\n{HOST}\r\n".encode()]
    own = "".join(f"{line}\r\n" for line in request["headers"]).replace("\\r\\n", "\r\n").replace("\\u0000", "\0")
    framed = "" if "ontent-Length" in own or "ransfer-Encoding" in own else length
    host = "" if own.startswith("Host") else HOST
    body = request.get("body", BODY).replace("\\r\\n", "\r\n")
    return [f"{HEAD}{host}{JSON_TYPE}{framed}{own}\r\n{body}".encode()]


def _taken(port: int) -> int:
    answer = exchange(port, f"GET {OBSERVATIONS} HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n".encode())
    return int(json.loads(answer.body)["taken"])


@pytest.mark.parametrize("name", sorted(RAW_HTTP))
def test_a_request_that_breaks_http_is_refused_and_never_reaches_a_route(name: str, port: int) -> None:
    before = _taken(port)
    answer: Answer = exchange(port, *_sent(name))
    assert answer.status in CASES[name]["expect"]["status"]
    assert answer.rest == b""  # no second answer: what was smuggled behind the first request was not served
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["status"] == answer.status
    assert answer.headers["connection"] == "close"
    assert "server" not in answer.headers
    assert answer.seconds < 8
    assert _taken(port) == before
