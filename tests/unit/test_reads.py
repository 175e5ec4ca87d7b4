"""Turns for reads of records: so many at once, whoever comes then waits, and is told when it takes too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from api import reads
from api.reads import Reads
from domain.access.actor import Actor
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Databases

ACTOR = Actor(UUID(int=1), datetime(2026, 11, 1, tzinfo=UTC))


class Open:
    """Databases whose turns are open and nothing else, two at once."""

    runtime = Database("postgresql://is-never-connected-to", Limits(pool_size=2))

    def __init__(self) -> None:
        self.turns = self.most = 0

    @asynccontextmanager
    async def acting(self, _actor: Actor, _about: Collection[UUID] | None) -> AsyncIterator[Any]:
        self.turns += 1
        self.most = max(self.most, self.turns)
        try:
            yield None
        finally:
            self.turns -= 1


async def test_no_more_turns_are_open_at_once_than_the_pool_keeps_connections_and_all_come_to_theirs() -> None:
    database = Open()
    held = Reads(cast(Databases, database))
    came = []

    async def read(number: int) -> None:
        async with held.turn(ACTOR):
            await asyncio.sleep(0)
            came.append(number)

    await asyncio.gather(*map(read, range(9)))
    assert came == list(range(9))
    assert (database.most, database.turns, held.waiting) == (2, 0, 0)


async def test_who_gets_no_turn_in_time_is_told_that_the_database_cannot_do_it_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reads, "POOL_TIMEOUT_SECONDS", 0.01)
    database = Open()
    held = Reads(cast(Databases, database))
    async with held.turn(ACTOR), held.turn(ACTOR):
        with pytest.raises(DatabaseUnavailable):
            async with held.turn(ACTOR):
                raise AssertionError("there was no turn left")
        assert held.waiting == 0
    async with held.turn(ACTOR):
        assert database.turns == 1


async def test_a_read_that_fails_gives_its_turn_back() -> None:
    database = Open()
    held = Reads(cast(Databases, database))
    for _ in range(3):
        with pytest.raises(LookupError):
            async with held.turn(ACTOR):
                raise LookupError
    assert database.turns == 0
