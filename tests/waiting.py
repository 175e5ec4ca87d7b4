"""Waiting until a statement of another connection waits for a lock: the one way to know that two do overlap."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from integrations.postgres.client import Database

_WAITING = text("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")


async def until_somebody_waits(database: Database, how_many: int = 1) -> None:
    """Return once so many statements wait for a lock. Raises TimeoutError when they do not within ten seconds."""
    async with asyncio.timeout(10):
        while True:
            async with database.reading() as session:
                if (await session.scalar(_WAITING) or 0) >= how_many:
                    return
            await asyncio.sleep(0.01)
