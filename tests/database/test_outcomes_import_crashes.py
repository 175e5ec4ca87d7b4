"""Importing files of contacts: whatever crashes, stops half-way or runs beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.outcomes import import_commands, import_steps
from domain.outcomes.contact_import import FaultCode
from domain.outcomes.import_commands import LEASE, UPLOAD_GIVEN_UP_AFTER, LeaseLost, claim_import
from domain.outcomes.import_steps import advance_imports, receive_file
from integrations.postgres.client import Database
from tests.cast import Cast, assemble
from tests.import_cast import (
    JACK,
    NOW,
    Writing,
    clock,
    count,
    csv_of,
    faults,
    row,
    send,
    standing,
    transactions_within,
)


@pytest.fixture
async def cast(session: AsyncSession) -> Cast:
    return await assemble(session, NOW, "not a hash: nobody signs in here")


@pytest.fixture
def writing(session: AsyncSession) -> Writing:
    return transactions_within(session)


class TestCrashesAndCompany:
    async def test_a_worker_that_dies_while_checking_is_followed_by_one_that_begins_again(
        self, writing: Writing, session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_steps, "ROWS_CHECKED_AT_ONCE", 2)
        sent = await send(writing, cast, csv_of(*(row(number) for number in range(6))))
        await _die_after(2, import_commands, "stage", writing, monkeypatch)
        assert (await standing(writing, cast, sent)).state == "checking"
        assert not await advance_imports(writing, clock), "its lease still runs"
        later = NOW + LEASE + timedelta(seconds=1)
        assert await advance_imports(writing, lambda: later)
        found = await standing(writing, cast, sent)
        assert (found.state, found.rows_stored, found.faults_total) == ("stored", 6, 0)

    async def test_a_worker_that_dies_while_storing_is_followed_by_one_that_goes_on(
        self, writing: Writing, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_commands, "ROWS_STORED_AT_ONCE", 2)
        sent = await send(writing, cast, csv_of(*(row(number) for number in range(6))))
        await _die_after(2, import_commands, "store_some", writing, monkeypatch)
        half = await standing(writing, cast, sent)
        assert (half.state, half.rows_stored) == ("storing", 4)
        assert await advance_imports(writing, lambda: NOW + LEASE + timedelta(seconds=1))
        found = await standing(writing, cast, sent)
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("stored", 6, 0)

    async def test_a_file_at_which_workers_die_again_and_again_is_refused(
        self, writing: Writing, session: AsyncSession, cast: Cast
    ) -> None:
        sent = await send(writing, cast, csv_of(row(1)))
        await session.execute(text("update contact_import set attempts = :n"), {"n": import_commands.ATTEMPTS_AT_MOST})
        await advance_imports(writing, clock)
        found = await standing(writing, cast, sent)
        assert (found.state, faults(found)) == ("refused", [(1, None, FaultCode.could_not_be_read)])

    async def test_a_worker_whose_lease_was_taken_over_stops(self, writing: Writing, cast: Cast) -> None:
        await send(writing, cast, csv_of(row(1)))
        async with writing() as session:
            slow = await claim_import(session, NOW)
            quick = await claim_import(session, NOW + LEASE + timedelta(seconds=1))
            assert slow is not None
            assert quick is not None
            with pytest.raises(LeaseLost):
                await import_commands.stage(session, slow, [], now=NOW)
            await import_commands.stage(session, quick, [], now=NOW)

    async def test_a_file_that_stopped_arriving_is_forgotten(self, writing: Writing, cast: Cast) -> None:
        async def broken_off() -> AsyncIterator[bytes]:
            yield csv_of(row(1)) * 10_000
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            await receive_file(writing, cast.actor(JACK), broken_off())
        assert await count(writing, "contact_import_chunk") > 0
        await advance_imports(writing, lambda: NOW + UPLOAD_GIVEN_UP_AFTER + timedelta(seconds=1))
        assert await count(writing, "contact_import") == await count(writing, "contact_import_chunk") == 0

    async def test_two_workers_and_two_senders_of_one_file_store_it_once(self, committing_database: Database) -> None:
        async with committing_database.writing() as session:
            cast = await assemble(session, NOW, "no hash")
        content = csv_of(*(row(number) for number in range(500)))
        writing = committing_database.writing
        ids = await asyncio.gather(*(send(writing, cast, content) for _ in range(4)))
        assert len(set(ids)) == 1
        await asyncio.gather(*(advance_imports(writing, clock) for _ in range(4)))
        found = await standing(writing, cast, ids[0])
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("stored", 500, 0)
        assert await count(writing, "contact") == 500

    async def test_a_file_is_counted_whole_or_not_at_all_while_it_is_stored(
        self, writing: Writing, session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_commands, "ROWS_STORED_AT_ONCE", 2)
        await send(writing, cast, csv_of(*(row(number) for number in range(6))))
        await _die_after(2, import_commands, "store_some", writing, monkeypatch)
        visible = text(
            "select count(*) from contact c where not exists"
            " (select from contact_import i where i.id = c.import_id and i.state <> 'stored')"
        )
        assert await session.scalar(visible) == 0
        await advance_imports(writing, lambda: NOW + LEASE + timedelta(seconds=1))
        assert await session.scalar(visible) == 6


async def _die_after(times: int, module: Any, step: str, writing: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker do a step so many times and die at the next one."""

    class Killed(Exception):
        pass

    real, done = getattr(module, step), 0

    async def mortal(*args: Any, **named: Any) -> Any:
        nonlocal done
        if done == times:
            raise Killed
        done += 1
        return await real(*args, **named)

    with monkeypatch.context() as patched:
        patched.setattr(module, step, mortal)
        with pytest.raises(Killed):
            await advance_imports(writing, clock)
