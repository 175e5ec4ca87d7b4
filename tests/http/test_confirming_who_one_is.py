"""What protects an account is changed by who has shown lately who they are; a session left open is not enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.totp import code_of, step_at
from tests.cast import PASSWORD, Cast, just_now
from tests.http.conftest import ClientOf
from tests.http.second_step import audited, begun, enrolled
from tests.standing_clock import StandingClock

ASHA = "asha_clinician_of_practice"
PROTECTED = [
    ("POST", "/v1/me/factors/totp", None),
    ("POST", "/v1/me/factors/totp/confirm", {"code": "123456"}),
    ("DELETE", "/v1/me/factors/totp", None),
    ("POST", "/v1/me/recovery-codes", None),
]


@pytest.fixture
def clock(app: FastAPI) -> StandingClock:
    clock = StandingClock(just_now())
    app.state.services = replace(app.state.services, clock=clock)
    return clock


async def refreshed(http: httpx.AsyncClient, held: dict[str, Any]) -> dict[str, Any]:
    """Return the tokens after these, with which the client goes on."""
    tokens: dict[str, Any] = (
        await http.post("/v1/sessions/refresh", json={"refresh_token": held["refresh_token"]})
    ).json()
    http.headers["authorization"] = f"Bearer {tokens['access_token']}"
    return tokens


@pytest.mark.parametrize(("method", "path", "body"), PROTECTED)
async def test_what_protects_the_account_is_changed_only_soon_after_showing_who_one_is(
    clock: StandingClock, client_of: ClientOf, cast: Cast, session: AsyncSession, method: str, path: str, body: Any
) -> None:
    asha = client_of(None)
    tokens = await refreshed(asha, (await begun(asha, ASHA)).json())
    await session.execute(text("update session set confirmed_at = :at"), {"at": clock.now - timedelta(minutes=11)})

    async def asked() -> httpx.Response:
        return await asha.request(method, path, **({} if body is None else {"json": body}))

    refused = await asked()
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/confirmation-needed")
    wrong = await asha.post("/v1/sessions/current/confirmation", json={"password": "not the password"})
    assert wrong.status_code == 422
    assert (await asked()).status_code == 403
    right = await asha.post("/v1/sessions/current/confirmation", json={"password": PASSWORD})
    assert right.status_code == 204
    assert (await asked()).status_code == 401, "the token of before may be in other hands"
    await refreshed(asha, tokens)
    assert (await asked()).status_code not in {401, 403}
    assert {"session.confirm", "session.confirm_refused"} <= set(await audited(session, cast, ASHA))


async def test_a_fresh_code_confirms_and_is_spent_by_it(clock: StandingClock, client_of: ClientOf) -> None:
    asha = client_of(None)
    tokens = await refreshed(asha, (await begun(asha, ASHA)).json())
    secret = await enrolled(asha, clock)
    code = code_of(secret, step_at(clock.now))
    assert (await asha.post("/v1/sessions/current/confirmation", json={"code": code})).status_code == 204
    await refreshed(asha, tokens)
    assert (await asha.post("/v1/sessions/current/confirmation", json={"code": code})).status_code == 422
