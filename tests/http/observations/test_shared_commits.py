"""Posts that share a commit are answered as if each had its own, also when the one they shared comes to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from api.app import create_app
from api.settings import Settings
from domain.observations.commands import Posting, record_together
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable
from tests.cast import Cast
from tests.http.observations.stage import BEA, GUS, ROSE, SAM, codes, post, pulse, stored_rows
from tests.http.observations.test_durable_answers import signed_in
from tests.in_one_role import in_one_role

Together = list[int]


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Together:
    """Return how many postings each shared transaction had."""
    sizes: Together = []

    async def noted(session: Any, postings: Sequence[Posting]) -> Any:
        sizes.append(len(postings))
        return await record_together(session, postings)

    monkeypatch.setattr("api.recording.record_together", noted)
    return sizes


def on(database: Database, settings: Settings) -> FastAPI:
    """Return the application on a database that keeps what is committed."""
    app = create_app(settings)
    app.state.services = replace(app.state.services, database=in_one_role(database))
    return app


async def post_at_once(app: FastAPI, cast: Cast) -> list[tuple[int, list[str]]]:
    """Return what three people and one who may not are told who post at the same moment."""
    async with AsyncExitStack() as opened:
        asked = []
        for n, (who, patient) in enumerate(
            ((ROSE, "rose_resident"), (SAM, "sam_at_home"), (BEA, "rose_resident"), (GUS, "rose_resident"))
        ):
            client: AsyncClient = await opened.enter_async_context(await signed_in(app, cast.accounts[who]))
            path = f"/v1/patients/{cast.patients[patient]}/observations"
            asked.append(post(client, path, pulse(cast, f"c-{n}", minutes_ago=n + 1)))
        answers = await asyncio.gather(*asked)
    return [(a.status_code, codes(a) if "verdicts" in a.json() else []) for a in answers]


EACH = [(201, ["stored"]), (201, ["stored"]), (404, []), (201, ["stored"])]


async def test_posts_of_several_people_share_a_commit_and_each_has_their_own_answer(
    committing_database: Database, settings: Settings, cast: Cast, shared: Together
) -> None:
    assert await post_at_once(on(committing_database, settings), cast) == EACH
    assert max(shared) > 1
    async with committing_database.reading() as session:
        assert await stored_rows(session) == 3


async def test_what_cannot_be_recorded_together_is_recorded_one_by_one(
    committing_database: Database, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> Any:
        raise LookupError("one of them, or a fault of ours")

    monkeypatch.setattr("api.recording.record_together", fails)
    assert await post_at_once(on(committing_database, settings), cast) == EACH


async def test_when_the_database_is_away_each_is_told_to_come_back(
    committing_database: Database, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> Any:
        raise DatabaseUnavailable

    monkeypatch.setattr("api.recording.record_together", away)
    assert {status for status, _ in await post_at_once(on(committing_database, settings), cast)} == {503}
