"""One process's way to read records in turns, for the reads that are asked for again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from uuid import UUID

from domain.access.actor import Actor
from domain.statements import Turn
from integrations.postgres.client import POOL_TIMEOUT_SECONDS
from integrations.postgres.errors import DatabaseUnavailable
from integrations.postgres.roles import Databases


class Reads:
    """Turns for one actor each: as many at once as a pool keeps connections, and whoever comes then waits a while."""

    def __init__(self, database: Databases) -> None:
        self._database = database
        self._places = asyncio.Semaphore(database.runtime.limits.pool_size)
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """Return how many wait for a turn."""
        return self._waiting

    @asynccontextmanager
    async def turn(self, actor: Actor, about: Collection[UUID] | None = None) -> AsyncIterator[Turn]:
        """Yield a turn in a transaction in which there are the records that the actor may see, and the trail of it.

        `about` narrows them further. Raises DatabaseUnavailable, also where no turn comes in time.
        """
        await self._take_place()
        try:
            async with self._database.acting(actor, about) as turn:
                yield turn
        finally:
            self._places.release()

    async def _take_place(self) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(POOL_TIMEOUT_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise DatabaseUnavailable from None
        finally:
            self._waiting -= 1
