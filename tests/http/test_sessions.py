"""Signing in, keeping signed in, signing out."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.refresh_token import LOST_REPLY_GRACE, successor_of, token_hash
from domain.accounts.session_commands import open_session, refresh_session
from tests.cast import PASSWORD, Cast
from tests.http.conftest import ClientOf

SECRET = b"a secret of the test"
ASHA = "asha_clinician_of_practice"


async def signed_in(client: httpx.AsyncClient, email: str) -> httpx.Response:
    return await client.post("/v1/sessions", json={"email": email, "password": PASSWORD})


async def test_signing_in_tells_who_one_is(cast: Cast, client_of: ClientOf) -> None:
    answer = await signed_in(client_of(None), f"{ASHA}@EXAMPLE.test")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
    assert body["account"]["id"] == str(cast.accounts[ASHA])
    assert [role["role"] for role in body["account"]["roles"]] == ["clinician"]
    me = await client_of(None).get("/v1/me", headers={"authorization": f"Bearer {body['access_token']}"})
    assert me.json() == body["account"]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_patient_is_told_which_patient_they_are(cast: Cast, client_of: ClientOf) -> None:
    body = (await client_of("rose_herself").get("/v1/me")).json()
    assert body["patient_id"] == str(cast.patients["rose_resident"])
    assert body["roles"] == []


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (f"{ASHA}@example.test", "not the password"),
        ("unknown@example.test", PASSWORD),
        ("kit_clinician_disabled@example.test", PASSWORD),
    ],
)
async def test_wrong_unknown_and_disabled_look_the_same(
    cast: Cast, client_of: ClientOf, email: str, password: str
) -> None:
    answer = await client_of(None).post("/v1/sessions", json={"email": email, "password": password})
    assert answer.status_code == 401
    said = {k: v for k, v in answer.json().items() if k != "request_id"}
    assert said == {
        "type": "/problems/not-authenticated",
        "title": "Not signed in",
        "status": 401,
        "detail": "The email address or the password is wrong.",
    }


async def test_a_refresh_token_gives_its_successor(cast: Cast, client_of: ClientOf) -> None:
    first = (await signed_in(client_of(None), f"{ASHA}@example.test")).json()
    answer = await client_of(None).post("/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]})
    assert answer.status_code == 200
    second = answer.json()
    assert second["refresh_token"] != first["refresh_token"]
    again = await client_of(None).post("/v1/sessions/refresh", json={"refresh_token": second["refresh_token"]})
    assert again.status_code == 200


async def test_a_lost_reply_retried_gets_the_same_successor(session: AsyncSession, cast: Cast) -> None:
    opened = await open_session(session, cast.accounts[ASHA], at=cast.now, request_id="t")
    first = await refresh_session(session, opened.refresh_token, secret=SECRET, at=cast.now, request_id="t")
    later = cast.now + LOST_REPLY_GRACE
    again = await refresh_session(session, opened.refresh_token, secret=SECRET, at=later, request_id="t")
    assert first is not None
    assert first == again


@pytest.mark.parametrize("how", ["after the grace", "after its successor was used"])
async def test_a_refresh_token_used_twice_ends_the_session(session: AsyncSession, cast: Cast, how: str) -> None:
    opened = await open_session(session, cast.accounts[ASHA], at=cast.now, request_id="t")
    first = await refresh_session(session, opened.refresh_token, secret=SECRET, at=cast.now, request_id="t")
    assert first is not None
    at = cast.now + LOST_REPLY_GRACE + timedelta(seconds=1)
    if how == "after its successor was used":
        at = cast.now + timedelta(seconds=1)
        assert await refresh_session(session, first.refresh_token, secret=SECRET, at=at, request_id="t")
    assert await refresh_session(session, opened.refresh_token, secret=SECRET, at=at, request_id="t") is None
    newest = successor_of(successor_of(opened.refresh_token, SECRET), SECRET)
    assert await refresh_session(session, newest, secret=SECRET, at=at, request_id="t") is None
    reason = await session.scalar(
        text("select end_reason from session where id = :id"), params={"id": opened.session_id}
    )
    assert reason == "refresh_token_reused"


async def test_only_the_hash_of_a_refresh_token_is_stored(session: AsyncSession, cast: Cast) -> None:
    opened = await open_session(session, cast.accounts[ASHA], at=cast.now, request_id="t")
    stored = await session.scalar(
        text("select token_hash from refresh_token where session_id = :id"), params={"id": opened.session_id}
    )
    assert stored == token_hash(opened.refresh_token)
    assert opened.refresh_token.encode() not in stored


async def test_signing_out_ends_the_access_token_too(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(ASHA)
    assert (await client.get("/v1/me")).status_code == 200
    assert (await client.delete("/v1/sessions/current")).status_code == 204
    assert (await client.get("/v1/me")).status_code == 401


async def test_disabling_an_account_ends_its_sessions_at_once(cast: Cast, client_of: ClientOf) -> None:
    asha = client_of(ASHA)
    assert (await asha.get("/v1/patients")).status_code == 200
    disabled = await client_of("admin").post(f"/v1/accounts/{cast.accounts[ASHA]}/disable")
    assert disabled.status_code == 204
    assert (await asha.get("/v1/patients")).status_code == 401


async def test_ending_a_membership_hides_its_patients_at_once(cast: Cast, client_of: ClientOf) -> None:
    gus = client_of("gus_care_home_staff")
    rose = f"/v1/patients/{cast.patients['rose_resident']}"
    assert (await gus.get(rose)).status_code == 200
    membership = cast.others["membership_of_gus_care_home_staff"]
    assert (await client_of("admin").delete(f"/v1/memberships/{membership}")).status_code == 204
    assert (await gus.get(rose)).status_code == 404


async def test_an_audit_event_says_who_in_which_session_did_what(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    rose = cast.patients["rose_resident"]
    await client_of(ASHA).get(f"/v1/patients/{rose}", headers={"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a000000000e"})
    row = (
        await session.execute(
            text(
                "select account_id, action, patient_id, session_id"
                " from audit_event where request_id = '0190f3a2-7c1e-7c1e-9c1e-0a000000000e'"
            )
        )
    ).one()
    assert (row.account_id, row.action, row.patient_id) == (cast.accounts[ASHA], "patient.read", rose)
    assert row.session_id is not None
