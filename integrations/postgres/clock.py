"""What time the database has: one clock for all who end or delete what its time is over for, however many they are.

A machine whose clock is ahead would end for everybody what is good for everybody else. Refuses to ask that clock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import text

from integrations.postgres.client import Database

# Whoever asks within a second of another is told what that one was, and how long ago that is.
_GOOD_FOR_SECONDS = 1.0
_NOW = text("select clock_timestamp()")


@dataclass(slots=True)
class DatabaseClock:
    """A clock that the database sets; what passes in between is measured by one that nobody sets."""

    database: Database
    _told: datetime | None = field(default=None)
    _told_at_seconds: float = field(default=0.0)

    def __call__(self) -> datetime:
        """Return the present instant, never ahead of the database's own clock. Raises RuntimeError before it is set."""
        if self._told is None:
            raise RuntimeError("nobody has asked the database what time it is")
        return self._told + timedelta(seconds=time.monotonic() - self._told_at_seconds)

    async def be_set(self) -> None:
        """Ask the database what time it is. Raises DatabaseUnavailable."""
        if self._told is not None and time.monotonic() - self._told_at_seconds < _GOOD_FOR_SECONDS:
            return
        async with self.database.reading() as session:
            told: datetime = (await session.execute(_NOW)).scalar_one()
            at_seconds = time.monotonic()
        self._told, self._told_at_seconds = told, at_seconds
