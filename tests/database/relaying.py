"""Relays run by a test, and waiting for what they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.relay import run_relay
from domain.events.event import Event
from domain.events.queries import feed_page
from integrations.postgres.client import Database

PATIENCE_SECONDS = 30
_WAIT = text("select exists (select from event_outbox where xid < pg_snapshot_xmin(pg_current_snapshot()))")


@asynccontextmanager
async def relays(database: Database, how_many: int) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(run_relay(database)) for _ in range(how_many)]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def eventually(check: Callable[[], Awaitable[bool]], seconds: float = PATIENCE_SECONDS) -> bool:
    """Return whether the check came true within the time."""
    async with asyncio.timeout(seconds):
        while not await check():
            await asyncio.sleep(0.01)
    return True


async def whole_feed(database: Database) -> list[Event]:
    async with database.reading() as session:
        page = await feed_page(session, 0, 1_000_000)
    return [] if page is None else list(page.events)


async def events_wait(session: AsyncSession) -> bool:
    """Return whether there is something to number: committed, and below every transaction still running."""
    return bool(await session.scalar(_WAIT))


async def everything_is_numbered(database: Database) -> bool:
    async with database.reading() as session:
        return not await events_wait(session)


async def is_true(value: bool) -> bool:
    return value
