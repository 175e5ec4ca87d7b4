"""Which methods an address takes: HEAD wherever GET is, and an Allow header that is true, on every route there is."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.http.access_matrix import EVERYBODY, MATRIX
from tests.http.conftest import ClientOf
from tests.http.scene import set_scene
from tests.http.test_access_matrix import asked, operations, values_of
from tests.http.test_own_exports import work

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
ASHA = "asha_clinician_of_practice"
# Each answer's own.
DIFFER = {"x-request-id", "date"}


def addresses(app: FastAPI) -> set[str]:
    """Return an address of every route and of the console, with ids of nothing."""
    paths = {str(context.path) for context in iter_route_contexts(app.routes)} | {"/console/", "/console/patients"}
    return {re.sub(r"\{[^}]+\}", "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1e", path) for path in paths}


async def test_allow_names_the_methods_that_are_taken_and_no_other(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tendwell.test") as asking:
        for path in sorted(addresses(app)):
            answers = {method: await asking.request(method, path) for method in METHODS}
            refused = {method for method, answer in answers.items() if answer.status_code == 405}
            allowed = ", ".join(sorted(set(METHODS) - refused))
            assert {answers[method].headers["allow"] for method in refused} <= {allowed}, path
            assert ("GET" in refused) == ("HEAD" in refused), path


@pytest.mark.parametrize(
    "path",
    ["/v1/me", "/v1/board", "/v1/patients/{sam}", "/v1/patients/{tess}", "/v1/patients?limit=x", "/v1/live", "/x"],
)
async def test_a_head_is_answered_as_a_get_is_without_the_body(client_of: ClientOf, cast: Cast, path: str) -> None:
    ids = {"sam": cast.patients["sam_at_home"], "tess": cast.patients["tess_of_other_practice"]}
    asha = client_of(ASHA)
    got, head = [await asha.request(method, path.format(**ids)) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert {name: value for name, value in head.headers.items() if name not in DIFFER} == {
        name: value for name, value in got.headers.items() if name not in DIFFER
    }


async def test_a_head_of_a_person_s_record_is_audited_as_read(
    client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    sam = cast.patients["sam_at_home"]
    counted = text("select count(*) from audit_event where patient_id = :sam and action = 'patient.read'")
    before = (await session.execute(counted, {"sam": sam})).scalar_one()
    assert (await client_of(ASHA).head(f"/v1/patients/{sam}")).status_code == 200
    assert (await session.execute(counted, {"sam": sam})).scalar_one() == before + 1


_WRITTEN = text(
    "select coalesce(pg_partition_root(relid), relid)::regclass::text, sum(n_tup_ins + n_tup_upd + n_tup_del)"
    " from pg_stat_xact_user_tables group by 1"
)
# The trail of who looked; and which figures stand for this month, as the length of an answer tells of them.
_KEEPS_BOOKS = {"audit_event", "outcome_release"}


async def written(session: AsyncSession) -> dict[str, int]:
    """Return how many rows of each table the test's transaction has written so far."""
    return {table: rows for table, rows in await session.execute(_WRITTEN) if table not in _KEEPS_BOOKS}


async def test_a_head_changes_nothing_wherever_a_get_is(
    app: FastAPI, client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    values = values_of(cast, await set_scene(client_of, cast))
    await work(app)  # the copy that Rose asked for is ready to be fetched, and to be spoiled
    may = {
        name: next((member for member in EVERYBODY if MATRIX[name].expected(member) in {200, 409}), None)
        for name, route in operations(app).items()
        if route.methods == {"GET"}
    }
    before, told = await written(session), 0
    changed: dict[str, dict[str, int]] = {}
    for name, member in may.items():
        client = client_of(None if member == "nobody_signed_in" else member)
        told += (await asked(client, "HEAD", MATRIX[name], values)).status_code == 200
        after = await written(session)
        changed |= {name: after} if after != before else {}
        before = after
    assert changed == {}
    assert told > 40, "hardly anything was told: this shows nothing"


async def test_a_head_is_logged_as_what_it_is(client_of: ClientOf, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "tendwell.access")
    await client_of(ASHA).head("/v1/me")
    assert '"method":"HEAD","route":"/v1/me","status":200' in caplog.text
