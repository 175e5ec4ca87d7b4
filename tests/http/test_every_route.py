"""What holds of every operation, not only of the one that somebody thought of: audit, and absence that tells nothing.

Asked of the rows of `access_matrix.py`, so that a new route cannot be forgotten here either.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.http.access_matrix import EVERYBODY, MATRIX, NOT_SIGNED_IN, Row
from tests.http.conftest import ClientOf
from tests.http.scene import set_scene
from tests.http.test_access_matrix import asked, filled, operations, values_of

SHARES = 3
MOST_ASKED = 8
# Who one is oneself is no look into a record.
ABOUT_ONESELF = {"sign_in", "refresh_tokens", "get_me"}
_AUDITED = text(
    "select distinct patient_id, account_id, basis, role, organisation_id, purpose from audit_event"
    " where request_id = :request_id"
)
_NO_ROLE = {"self", "delegate"}

_ROWS = text("select count(*) from audit_event")


def _is_grounded(row: Any) -> bool:
    """Return whether a row about a person says on which basis, what for, and in what role at which place."""
    has_role = row.role is not None and row.organisation_id is not None
    return row.basis is not None and row.purpose is not None and has_role is (row.basis not in _NO_ROLE)


async def _ask(
    client: httpx.AsyncClient, method: str, row: Row, values: dict[str, str], request_id: str
) -> httpx.Response:
    return await asked(client, method, row, values, {"x-request-id": request_id})


@pytest.mark.parametrize("share", range(SHARES))
async def test_whoever_s_id_an_answer_or_its_address_names_is_audited_with_it(
    share: int, app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    values, routes = values_of(cast, await set_scene(client_of, cast)), operations(app)
    forgotten: list[Any] = []
    asked = 0
    for operation in sorted(set(MATRIX) - ABOUT_ONESELF)[share::SHARES]:
        row, (method,) = MATRIX[operation], routes[operation].methods or {"none"}
        for member in _shown_to(operation, row):
            before, request_id = await session.begin_nested(), str(uuid4())
            answer = await _ask(client_of(member), method, row, values, request_id)
            shown = answer.text + filled(row.path, values) + json.dumps(filled(row.body, values))
            named = {patient_id for patient_id in cast.patients.values() if str(patient_id) in shown}
            trail = (await session.execute(_AUDITED, {"request_id": request_id})).all()
            audited = {entry.patient_id for entry in trail if entry.account_id == cast.accounts[member]}
            forgotten += [(operation, member)] if named - audited else []
            forgotten += [(operation, member, row) for row in trail if row.patient_id and not _is_grounded(row)]
            asked += len(named)
            await before.rollback()
    assert forgotten == []
    assert asked, "nobody was named: this shows nothing"


@pytest.mark.parametrize("share", range(SHARES))
async def test_what_one_may_not_see_looks_in_every_answer_like_what_does_not_exist(
    share: int, app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    values, routes = values_of(cast, await set_scene(client_of, cast)), operations(app)
    told: list[Any] = []
    asked = 0
    for operation in sorted(MATRIX)[share::SHARES]:
        row, (method,) = MATRIX[operation], routes[operation].methods or {"none"}
        absent = values | {name: str(uuid4()) for name in re.findall(r"{(\w+)}", row.path)}
        for member in _hidden_from(operation, row) if absent != values else ():
            before = await session.begin_nested()
            rows = (await session.execute(_ROWS)).scalar_one()
            hidden = await _ask(client_of(member), method, row, values, "0190f3a2-7c1e-7c1e-9c1e-0a0000000002")
            nowhere = await _ask(client_of(member), method, row, absent, "0190f3a2-7c1e-7c1e-9c1e-0a0000000002")
            is_audited = (await session.execute(_ROWS)).scalar_one() != rows
            await before.rollback()
            asked += 1
            if is_audited:  # nobody saw anything: see docs/decisions.md
                told.append((operation, member, "audited"))
            if _seen(hidden) != _seen(nowhere):
                told.append((operation, member, _seen(hidden), _seen(nowhere)))
    assert told == []
    assert asked, "nobody was refused: this shows nothing"


def _shown_to(operation: str, row: Row) -> list[str]:
    return _some(operation, [m for m in EVERYBODY if row.expected(m) < 400 and m != "nobody_signed_in"])


def _hidden_from(operation: str, row: Row) -> list[str]:
    return _some(operation, [m for m in EVERYBODY if row.expected(m) == 404 and m not in NOT_SIGNED_IN])


def _some(operation: str, members: list[str]) -> list[str]:
    """Return as many as there is time to ask of one operation, others of another: the matrix asks all of them."""
    return sorted(members, key=lambda member: hashlib.sha256(f"{operation} {member}".encode()).digest())[:MOST_ASKED]


def _seen(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """Return all that a client sees of an answer, but the time of day."""
    return (
        answer.status_code,
        answer.content,
        {name: value for name, value in answer.headers.items() if name.lower() != "date"},
    )
