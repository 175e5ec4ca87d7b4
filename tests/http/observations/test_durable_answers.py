"""A 201 is a promise: what it speaks of is committed, however many post at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import UUID

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from api.app import create_app
from api.authentication import issue_access_token
from api.settings import Settings
from domain.accounts.session_commands import open_session
from integrations.postgres.client import Database
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Databases
from tests.cast import Cast
from tests.http.observations.stage import ROSE, codes, post, pulse, stored_rows


async def signed_in(app: FastAPI, account_id: UUID) -> AsyncClient:
    held = app.state.services
    async with held.database.identifying() as session:
        opened = await open_session(session, account_id, at=held.clock(), request_id="test")
    keys = await held.keys.current(held.database.identity, held.clock())
    issued = issue_access_token(keys, account_id=account_id, session_id=opened.session_id, now=held.clock())
    transport = ASGITransport(app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {issued.token}"}
    return AsyncClient(transport=transport, base_url="http://tendwell.test", headers=headers)


async def test_forty_posts_at_once_make_one_observation_and_every_201_is_already_durable(
    committing_database: Database, settings: Settings, cast: Cast
) -> None:
    url = f"/v1/patients/{cast.patients['rose_resident']}/observations"
    app = create_app(settings)
    await app.state.services.database.close()
    # A connection for each, and patience: how long forty queue for a few connections is not what is asked here.
    crowded = Databases.at(committing_database.url, Limits(pool_size=80, statement_timeout_ms=60_000))
    app.state.services = replace(app.state.services, database=crowded)

    async def post_and_look(client: AsyncClient, n: int) -> tuple[Response, bool]:
        answer = await post(client, url, pulse(cast, value=72 if n % 2 else 73))
        async with committing_database.reading() as session:
            return answer, await stored_rows(session) == 1

    async with await signed_in(app, cast.accounts[ROSE]) as client:
        answers = await asyncio.gather(*(post_and_look(client, n) for n in range(40)))
    await crowded.close()
    assert Counter(answer.status_code for answer, _ in answers) == {201: 20, 409: 20}
    assert Counter(code for answer, _ in answers for code in codes(answer)) == {
        "stored": 1,
        "duplicate": 19,
        "conflict": 20,
    }
    assert all(durable for _, durable in answers)
