"""Who many sessions make their callers, asked in one look: each is judged by itself, as if asked alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.callers import Callers
from domain.access.actor import Grant
from domain.accounts.presence_queries import Shown, actor_of_session, grants_of_sessions
from domain.accounts.session_commands import open_session
from domain.errors import NotAuthenticated
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Databases
from tests.cast import Cast

ROSE, ASHA, GUS, ADMIN = "rose_herself", "asha_clinician_of_practice", "gus_care_home_staff", "admin"
LONG_AGO = timedelta(hours=2)


async def opened(session: AsyncSession, cast: Cast, who: str) -> UUID:
    found = await open_session(session, cast.accounts[who], at=cast.now, request_id="test")
    return found.session_id


async def everyone(session: AsyncSession, cast: Cast) -> dict[str, Shown]:
    """Return who shows what: the good and the bad in turns, so that one's answer beside another's would show."""
    ids = {name: await opened(session, cast, who) for name, who in (("live", ASHA), ("idle", GUS), ("disabled", ADMIN))}
    ids |= {name: await opened(session, cast, ROSE) for name in ("hers", "ended", "confirmed since")}
    await session.execute(text("update session set ended_at = now() where id = :id"), {"id": ids["ended"]})
    seen = {"id": ids["idle"], "at": cast.now - LONG_AGO}
    await session.execute(text("update session set last_seen_at = :at, created_at = :at where id = :id"), seen)
    await session.execute(text("update session set generation = 3 where id = :id"), {"id": ids["confirmed since"]})
    await session.execute(text("update account set disabled_at = now() where id = :id"), {"id": cast.accounts[ADMIN]})
    rose, asha, gus = cast.accounts[ROSE], cast.accounts[ASHA], cast.accounts[GUS]
    return {
        "live": Shown(ids["live"], asha, 0),
        "ended": Shown(ids["ended"], rose, 0),
        "hers, with a ticket": Shown(ids["hers"], rose),
        "another's": Shown(ids["hers"], asha, 0),
        "idle": Shown(ids["idle"], gus, 0),
        "idle, but seen by this process": Shown(ids["idle"], gus, 0, cast.now - timedelta(minutes=1)),
        "nobody's": Shown(uuid4(), asha, 0),
        "of before confirming": Shown(ids["confirmed since"], rose, 2),
        "since confirming": Shown(ids["confirmed since"], rose, 3),
        "disabled": Shown(ids["disabled"], cast.accounts[ADMIN], 0),
        "live, again": Shown(ids["live"], asha, 0),
    }


async def alone(session: AsyncSession, cast: Cast, shown: Shown) -> tuple[Grant, ...] | None:
    try:
        return (await actor_of_session(session, shown, at=cast.now, request_id="test")).grants
    except NotAuthenticated:
        return None


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned round"])
async def test_of_many_sessions_each_has_its_own_grants_and_what_has_ended_is_nobody(
    session: AsyncSession, cast: Cast, *, turned: bool
) -> None:
    shown = await everyone(session, cast)
    names = list(shown)[:: -1 if turned else 1]
    together = dict(zip(names, await grants_of_sessions(session, [shown[n] for n in names], cast.now), strict=True))
    assert {name for name, held in together.items() if held is not None} == {
        "live",
        "live, again",
        "hers, with a ticket",
        "idle, but seen by this process",
        "since confirming",
    }
    assert together == {name: await alone(session, cast, shown[name]) for name in names}
    assert {grant.role.value for grant in together["live"] or ()} == {"clinician"}
    assert {grant.role.value for grant in together["idle, but seen by this process"] or ()} == {"care_home_staff"}
    assert together["hers, with a ticket"] == ()


async def test_while_a_look_hangs_nobody_else_waits_for_longer_than_for_a_connection(
    committing_database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*asked: Any) -> Any:
        has_begun.set()
        await may_go_on.wait()
        return await grants_of_sessions(*asked)

    has_begun, may_go_on = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr("api.callers.grants_of_sessions", hangs)
    monkeypatch.setattr("api.callers.TURNS", 1)
    monkeypatch.setattr("api.callers.POOL_TIMEOUT_SECONDS", 0.05)
    databases = Databases.at(committing_database.url, Limits())
    callers, shown = Callers(databases), Shown(uuid4(), cast.accounts[ROSE])
    first = asyncio.create_task(callers.actor(shown, cast.now, "test"))
    await has_begun.wait()
    with pytest.raises(DatabaseUnavailable):
        await callers.actor(shown, cast.now, "test")
    may_go_on.set()
    with pytest.raises(NotAuthenticated):
        await first
    await databases.close()
