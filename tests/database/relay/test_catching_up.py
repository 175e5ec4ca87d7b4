"""Who asks what changed in their own record is told what was committed before, or that it is not told yet."""

from __future__ import annotations

import pytest

from api.copies.catching_up import log_caught_up
from domain.events.commands import append_event, number_events, settle_epoch
from domain.ids import new_id
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.database.relaying import relays


@pytest.fixture
async def log(committing_database: Database) -> Database:
    """Return a database whose events all have their numbers."""
    async with committing_database.writing() as session:
        await settle_epoch(session)
        await number_events(session)
    return committing_database


async def test_what_happened_to_another_is_not_waited_for(log: Database, cast: Cast) -> None:
    async with log.writing() as session:
        await append_event(session, "test.happened", patient_id=cast.patients["rose_resident"])
        await append_event(session, "test.happened", patient_id=new_id())
        await append_event(session, "test.happened")
    found = await log_caught_up(log, cast.accounts["tess_herself"])
    assert not found.is_behind


async def test_while_nobody_numbers_one_is_told_that_the_copy_lacks_something(log: Database, cast: Cast) -> None:
    async with log.writing() as session:
        await append_event(session, "test.happened", patient_id=cast.patients["tess_of_other_practice"])
    before = await log_caught_up(log, cast.accounts["tess_herself"])
    async with log.writing() as session:
        await number_events(session)
    after = await log_caught_up(log, cast.accounts["tess_herself"])
    assert (before.is_behind, after.is_behind) == (True, False)
    assert before.position is not None and after.position is not None
    assert after.position.number == before.position.number + 1


async def test_what_is_being_numbered_is_waited_for(log: Database, cast: Cast) -> None:
    begun = await log_caught_up(log, cast.accounts["tess_herself"])
    assert begun.position is not None
    async with relays(log, 1):
        for written in range(1, 21):
            async with log.writing() as session:
                await append_event(session, "test.happened", patient_id=cast.patients["tess_of_other_practice"])
            while (found := await log_caught_up(log, cast.accounts["tess_herself"])).is_behind:
                pass
            assert found.position is not None and found.position.number == begun.position.number + written
