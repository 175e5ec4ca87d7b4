"""Whether this process's encryption key opens what is stored: found out once, before anything is answered or done.

A process may start while its database is away, and with a key that is another installation's. So it is asked at the
first connection, whenever that comes, and by readiness. Knows when to ask; what is asked stands in `api/resealing.py`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import asyncpg

from api.resealing import table_that_does_not_open
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable, NotAdmitted
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Role

# What does not open may be put right in the database; it is looked at no more often.
AGAIN_AFTER_SECONDS = 10.0
# A database that could not be asked is asked no more often either: whoever waited is told what was found meanwhile.
RETRY_SECONDS = 1.0
_REFUSAL = (
    "nothing is answered or done: stored secrets of the table '%s' do not open, for TENDWELL_ENCRYPTION_KEY is not the "
    "one that they were sealed with"
)

_LOG = logging.getLogger("tendwell.keys")


class WrongKey(NotAdmitted):
    """The encryption key opens none, or not all, of what is stored; the message names the table, and is for the log."""


class KeyCheck:
    """The check of one process, on a connection of its own: those of the process wait for what it finds."""

    def __init__(self, url: str, limits: Limits, sealing: Sealing, clock: Callable[[], float] = time.monotonic) -> None:
        """Connects to nothing yet."""
        self._database = Database(url, limits, pooled=False, role=Role.identity)
        self._sealing = sealing
        self._clock = clock
        self._opens = False
        self._found: DatabaseUnavailable | None = None
        self._again_from = float("-inf")
        self._turn = asyncio.Lock()

    async def require(self) -> None:
        """Return at once when the key was seen to open what is stored, and look if nobody has looked yet.

        Raises WrongKey, DatabaseUnavailable.
        """
        if self._opens:
            return
        async with self._turn:  # of many connections that are opened at once, one looks
            if not self._opens:
                await self._look()

    async def admit(self, _connection: asyncpg.Connection) -> None:
        """Do the same for a new connection."""
        await self.require()

    async def _look(self) -> None:
        if self._found is not None and self._clock() < self._again_from:
            raise self._found.with_traceback(None)  # or it would tell of everybody who has asked since
        try:
            table = await table_that_does_not_open(self._database, self._sealing)
        except DatabaseUnavailable as away:
            self._found, self._again_from = away, self._clock() + RETRY_SECONDS
            raise
        if table is not None:
            self._found, self._again_from = WrongKey(_REFUSAL % table), self._clock() + AGAIN_AFTER_SECONDS
            _LOG.error("nothing is answered or done: table '%s' does not open with TENDWELL_ENCRYPTION_KEY", table)
            raise self._found
        self._opens = True
