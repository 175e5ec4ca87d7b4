"""When each session was last used, remembered by this process and written once a minute.

A request must not pay a write for it. Nothing is lost by the delay: a session lapses after 30 minutes without use, and
by then its true last use has long been written, by whichever process saw it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from uuid import UUID

from api.log_lines import describe
from domain.accounts.session_commands import record_last_seen
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable

WRITE_EVERY_SECONDS = 60.0

_LOG = logging.getLogger("tendwell.sessions")


class LastSeen:
    """The sessions used since the last writing."""

    def __init__(self) -> None:
        self._used: dict[UUID, datetime] = {}

    def note(self, session_id: UUID, at: datetime) -> None:
        """Remember that a session was used: a request was authenticated, or a socket is open."""
        self._used[session_id] = at

    def of(self, session_id: UUID) -> datetime | None:
        """Return the last use that is not written yet, if there is one."""
        return self._used.get(session_id)

    async def write(self, database: Database) -> None:
        """Write what was noted. What cannot be written now is kept for the next time. Raises DatabaseUnavailable."""
        used = dict(self._used)
        if not used:
            return
        async with database.writing() as session:
            await record_last_seen(session, used)
        for session_id, at in used.items():
            if self._used.get(session_id) == at:
                del self._used[session_id]

    @asynccontextmanager
    async def written_to(self, database: Database) -> AsyncIterator[None]:
        """Write every minute while the block runs, and once more when it ends."""
        writing = asyncio.create_task(self._write_without_end(database))
        try:
            yield
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await self._write_if_possible(database)

    async def _write_without_end(self, database: Database) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_SECONDS)
            await self._write_if_possible(database)

    async def _write_if_possible(self, database: Database) -> None:
        try:
            await self.write(database)
        except DatabaseUnavailable:
            _LOG.warning("the database cannot be reached: the last use of sessions is written later")
        except Exception as error:  # noqa: BLE001 - sessions that are used must not lapse for one statement that failed
            _LOG.error("the last use of sessions was not written: %s", describe(error))
