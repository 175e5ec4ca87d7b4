"""Signing in by steps: an address and a password, then a code of an app that was set up."""

from __future__ import annotations

import httpx
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.totp import code_of, step_at
from tests.cast import PASSWORD, Cast
from tests.standing_clock import StandingClock


async def begun(http: httpx.AsyncClient, who: str, password: str = PASSWORD) -> httpx.Response:
    return await http.post("/v1/sessions", json={"email": f"{who}@example.test", "password": password})


async def enrolled(client: httpx.AsyncClient, clock: StandingClock) -> str:
    """Return the secret of an app that a signed-in person has set up; the present step's code is not spent by it."""
    secret: str = (await client.post("/v1/me/factors/totp")).json()["secret"]
    shown = await client.post("/v1/me/factors/totp/confirm", json={"code": code_of(secret, step_at(clock.now) - 1)})
    assert shown.status_code == 204, shown.text
    return secret


async def shown(http: httpx.AsyncClient, token: str, **what: str) -> httpx.Response:
    return await http.post("/v1/sessions/second-factor", json={"sign_in_token": token, **what})


async def audited(session: AsyncSession, cast: Cast, who: str) -> list[str]:
    rows = await session.execute(
        text("select action from audit_event where account_id = :who order by id"), {"who": cast.accounts[who]}
    )
    return list(rows.scalars())
