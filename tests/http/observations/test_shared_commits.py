"""Posts that share a commit are answered as if each had its own, also when the one they shared comes to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from api.app import create_app
from api.settings import Settings
from domain.observations.commands import Posting, record_observations, record_together
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


async def test_batches_of_one_patient_wait_for_the_one_under_way_and_none_goes_by_itself(
    committing_database: Database, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds_the_record, may_go_on = asyncio.Event(), asyncio.Event()
    together: Together = []

    async def held_up(session: Any, postings: Sequence[Posting]) -> Any:
        verdicts = await record_together(session, postings)
        together.append(len(postings))
        holds_the_record.set()
        await may_go_on.wait()
        return verdicts

    async def by_itself(*_: Any) -> Any:
        raise AssertionError("found the record in use")

    monkeypatch.setattr("api.recording.record_together", held_up)
    monkeypatch.setattr("api.recording.record_observations", by_itself)
    async with await signed_in(on(committing_database, settings), cast.accounts[ROSE]) as client:
        path = f"/v1/patients/{cast.patients['rose_resident']}/observations"
        sent = [[pulse(cast, f"c-{80 * k + n}", minutes_ago=80 * k + n + 1) for n in range(80)] for k in range(4)]
        first = asyncio.create_task(post(client, path, *sent[0]))
        await holds_the_record.wait()
        others = [asyncio.create_task(post(client, path, *readings)) for readings in sent[1:]]
        with suppress(TimeoutError):
            async with asyncio.timeout(1):  # a turn beside the first would have begun by then, and met its lock
                while len(together) == 1:
                    await asyncio.sleep(0.01)
        may_go_on.set()
        answers = await asyncio.gather(first, *others)
    assert [each.status_code for each in answers] == [201] * 4
    assert together == [1, 3]


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


async def test_of_those_who_record_of_one_person_by_themselves_one_has_a_connection(
    committing_database: Database, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = now = 0

    async def shared_fails(*_: Any) -> Any:
        raise LookupError("so that each goes by itself")

    async def by_itself(*given: Any) -> Any:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        verdicts = await record_observations(*given)
        now -= 1
        return verdicts

    monkeypatch.setattr("api.recording.record_together", shared_fails)
    monkeypatch.setattr("api.recording.record_observations", by_itself)
    async with await signed_in(on(committing_database, settings), cast.accounts[ROSE]) as client:
        path = f"/v1/patients/{cast.patients['rose_resident']}/observations"
        sent = [pulse(cast, f"c-{n}", minutes_ago=n + 1) for n in range(8)]
        answers = await asyncio.gather(*(post(client, path, each) for each in sent))
    assert [each.status_code for each in answers] == [201] * 8
    assert most == 1


async def test_who_waits_too_long_for_others_of_one_person_is_told_to_come_back(
    committing_database: Database, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shared_fails(*_: Any) -> Any:
        raise LookupError("so that each goes by itself")

    begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def held_up(*given: Any) -> Any:
        begun.set()
        await may_go_on.wait()
        return await record_observations(*given)

    monkeypatch.setattr("api.recording.record_together", shared_fails)
    monkeypatch.setattr("api.recording.record_observations", held_up)
    monkeypatch.setattr("api.recording.PATIENCE_SECONDS", 0.05)
    async with await signed_in(on(committing_database, settings), cast.accounts[ROSE]) as client:
        path = f"/v1/patients/{cast.patients['rose_resident']}/observations"
        first = asyncio.create_task(post(client, path, pulse(cast, "c-1", minutes_ago=1)))
        await begun.wait()
        late = await post(client, path, pulse(cast, "c-2", minutes_ago=2))
        may_go_on.set()
        assert (await first).status_code == 201
    assert (late.status_code, late.headers.get("Retry-After") is None) == (503, False)
