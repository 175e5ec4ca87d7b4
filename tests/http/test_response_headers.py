"""What every answer carries, whatever it answers: nothing to keep, to guess, to frame, or to tell another web page."""

from __future__ import annotations

import csv
import io
import itertools
import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.app import create_app
from api.bare_answers import bare_answer
from api.commands.serve import serve
from api.problems import INTERNAL
from api.run.first_secrets import new_secret
from api.schemas import outcomes
from api.settings import Settings
from tests.cast import PASSWORD, Cast
from tests.http.access_matrix import ADMIN, EVERYBODY, MATRIX, NOT_SIGNED_IN, Row
from tests.http.bad_input_asks import CASES
from tests.http.conftest import ClientOf
from tests.http.scene import set_scene
from tests.http.test_access_matrix import asked, operations, values_of

REQUIRED = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PUBLIC = {"get_key_set": {"cache-control": "public, max-age=20"}}  # our public keys, for everybody
FORBIDDEN = ("server", "set-cookie", "x-powered-by", "access-control-allow-origin", "access-control-allow-credentials")


KINDS = {"application/json", "application/problem+json", "text/csv"}
# What Prometheus reads, and what whoever knows FHIR reads.
OTHER_KINDS = {
    "get_metrics": {"text/plain"},
    "get_questionnaire": {"application/fhir+json", "application/problem+json"},
}


def _answered_refused_and_unknown(row: Row) -> list[str | None]:
    """Return somebody who may, somebody who may not, and nobody: one for each way there is of being answered."""
    signed_in = [member for member in EVERYBODY if member not in NOT_SIGNED_IN]
    may = [member for member in signed_in if row.expected(member) < 300]
    may_not = [member for member in signed_in if row.expected(member) >= 400]
    return [*may[:1], *may_not[:1], None]


async def test_http_031_and_032_no_answer_of_any_route_may_be_kept_guessed_at_framed_or_read_by_another_page(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    values, routes = values_of(cast, await set_scene(client_of, cast)), operations(app)
    origins = itertools.cycle(("null", "https://evil.example"))
    for operation, row in sorted(MATRIX.items()):
        for who in _answered_refused_and_unknown(row):
            before, (method,) = await session.begin_nested(), routes[operation].methods or {"none"}
            answer = await asked(client_of(who), method, row, values, {"origin": next(origins)})
            told = {name: answer.headers.get(name) for name in REQUIRED}
            assert told == REQUIRED | PUBLIC.get(operation, {}), operation
            assert [name for name in FORBIDDEN if name in answer.headers] == [], operation
            if answer.content:
                assert answer.headers["content-type"].split(";")[0] in OTHER_KINDS.get(operation, KINDS)
            await before.rollback()


def _settings(**changed: Any) -> Settings:
    values: dict[str, Any] = {
        "environment": "production",
        "database_url": "postgresql://tendwell:Xk29-fjw83@127.0.0.1:1/none",
        "public_url": "https://tendwell.example",
        "encryption_key": new_secret(),
        "cursor_secret": new_secret(),
        "smtp_url": "smtps://mail.example",
        "mail_from": "care@tendwell.example",
        "refresh_secret": new_secret(),
        "console_dir": Path("console/dist"),
    }
    return Settings(**(values | changed))


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/metrics", "/debug", "/admin", "/.git/HEAD"])
async def test_log_004_nothing_is_told_of_the_inside_in_production(path: str) -> None:
    transport = httpx.ASGITransport(create_app(_settings()))
    async with httpx.AsyncClient(transport=transport, base_url="https://tendwell.example") as client:
        answer = await client.get(path)
    assert answer.status_code in CASES["LOG-004"]["expect"]["status"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize(("scheme", "over_tls"), [("https", True), ("http", False)])
def test_what_is_answered_without_the_application_knows_whether_people_type_https(
    monkeypatch: pytest.MonkeyPatch, scheme: str, over_tls: bool
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **options: told.update(options))
    settings = _settings(environment="demo", public_url=f"{scheme}://tendwell.example")
    serve(FastAPI(), settings, host="127.0.0.1", port=1)
    assert (told["http"].over_tls, told["ws"].over_tls) == (over_tls, over_tls)
    bare = bare_answer(INTERNAL, over_tls=over_tls)
    assert (b"strict-transport-security" in bare) == over_tls


# Canaries

# What the domain itself writes of an event; when it is written it has no number yet.
EVENTS = text("select (to_jsonb(told) - 'at')::text from event_outbox told")
_KIND_OR_ID = r"[a-z_]+(\.[a-z_]+)+|[0-9]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _canaries(cast: Cast, tokens: Mapping[str, str]) -> set[str]:
    return {
        *(str(patient) for patient in cast.patients.values()),
        *tokens.values(),
        PASSWORD,
        "a long enough password",
        "9990000018",
        "9990000034",
        "example.test",
        "Resident",
        "To walk to the shop",
        "Weigh yourself",
    }


async def test_log_001_no_route_writes_into_a_log_who_was_asked_about_or_what_was_said(
    app: FastAPI,
    session: AsyncSession,
    cast: Cast,
    client_of: ClientOf,
    tokens: Mapping[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nor into an event, beyond the ids that it is made of; and there are no metrics but lines in that log."""
    caplog.set_level(logging.DEBUG)
    values, routes = values_of(cast, await set_scene(client_of, cast)), operations(app)
    events: set[str] = set()
    for operation, row in sorted(MATRIX.items()):
        for who in _answered_refused_and_unknown(row):
            before, (method,) = await session.begin_nested(), routes[operation].methods or {"none"}
            await asked(client_of(who), method, row, values)
            await asked(client_of(who), method, row, values | {"rose_resident": "9990000018"})
            events |= set((await session.execute(EVENTS)).scalars())
            await before.rollback()
    written = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    ours = [record.getMessage() + str(record.exc_text or "") for record in written]
    assert len(ours) > len(MATRIX)
    assert {canary for canary in _canaries(cast, tokens) if any(canary in line for line in ours)} == set()
    assert len({json.loads(event)["kind"] for event in events}) > 10
    ids = {str(patient) for patient in cast.patients.values()}
    said = {canary for canary in _canaries(cast, tokens) - ids if any(canary in event for event in events)}
    assert said == set()
    assert {event for event in events if not all(map(_is_kind_or_id, _told(json.loads(event))))} == set()


def _told(event: dict[str, Any]) -> list[Any]:
    """Return the values of an event: what is in a list one by one."""
    return [one for value in event.values() for one in (value if isinstance(value, list) else [value])]


def _is_kind_or_id(value: object) -> bool:
    """Return whether a value is a kind of event, an id, a number of the log's own, or nothing."""
    return value is None or isinstance(value, int) or re.fullmatch(_KIND_OR_ID, str(value)) is not None


def _poisoned(template: Any, canary: str) -> Any:
    if isinstance(template, str):
        return canary
    if isinstance(template, dict):
        return {key: _poisoned(value, canary) for key, value in template.items()}
    if isinstance(template, list):
        return [_poisoned(value, canary) for value in template]
    return template


async def test_log_002_no_refusal_repeats_what_was_sent(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    values, routes = values_of(cast, await set_scene(client_of, cast)), operations(app)
    canary = "CANARY-9990000018"
    for operation, row in sorted(MATRIX.items()):
        (method,) = routes[operation].methods or {"none"}
        body = _poisoned(row.body, canary) | {"unknown": canary} if isinstance(row.body, dict) else None
        poisoned = Row(row.path, row.otherwise, body=body, headers=row.headers)
        for who in _answered_refused_and_unknown(row):
            before = await session.begin_nested()
            for headers in ({}, {"x-request-id": canary * 9, "if-none-match": canary, "idempotency-key": canary}):
                answer = await asked(client_of(who), method, poisoned, values, headers)
                if answer.status_code >= 400:
                    assert canary not in answer.text, operation
                    assert canary not in str(answer.headers), operation
            await before.rollback()


# Files


def test_no_route_takes_a_file_with_a_name(app: FastAPI) -> None:
    kinds = set()
    for path in app.openapi()["paths"].values():
        for operation in path.values():
            kinds |= set(operation.get("requestBody", {}).get("content", ()))
    assert kinds == {"application/json", "text/csv"}


async def test_file_011_a_form_of_many_parts_is_refused_unread(cast: Cast, client_of: ClientOf) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../etc/passwd"\r\n\r\n\r\n'
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "multipart/mixed; boundary=" + "b" * 5000):
        answer = await client_of(ADMIN).post(
            "/v1/contacts/imports", content=part * 10_000 + b"--x--", headers={"content-type": kind}
        )
        assert answer.status_code in {*CASES["FILE-011"]["expect"]["status"], 415}
        assert "passwd" not in answer.text


async def test_file_010_so_many_files_wait_and_the_next_is_told_to_come_back(cast: Cast, client_of: ClientOf) -> None:
    jack, statuses = client_of("jack_administrator_of_practice"), []
    for number in range(30):
        text = f"nhs_number,kind\n9990000018,{number}\n"
        answer = await jack.post("/v1/contacts/imports", content=text, headers={"content-type": "text/csv"})
        statuses.append(answer.status_code)
    assert statuses[0] == 202
    assert statuses[-1] in CASES["FILE-010"]["expect"]["status"]


@given(st.text(max_size=20))
def test_no_text_that_leaves_in_a_file_is_run_by_a_spreadsheet(text: str) -> None:
    told = outcomes._safe(text)
    assert not told.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert told.removeprefix("'") == text.removeprefix("'")
    written = io.StringIO(newline="")
    csv.writer(written).writerow([told, "next"])
    assert next(csv.reader(io.StringIO(written.getvalue(), newline=""))) == [told, "next"]
