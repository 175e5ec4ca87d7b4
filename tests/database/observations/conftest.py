"""The cast on a database that forgets, committed where a test races, and room there for forty at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.postgres.client import Database, Limits
from tests.cast import Cast, assemble, just_now


@pytest.fixture
async def cast(session: AsyncSession) -> Cast:
    return await assemble(session, just_now(), "not a hash: nobody signs in here")


@pytest.fixture
async def committed_cast(committing_database: Database) -> Cast:
    async with committing_database.writing() as session:
        return await assemble(session, just_now(), "not a hash: nobody signs in here")


@pytest.fixture
async def crowded_database(committing_database: Database) -> AsyncIterator[Database]:
    """Yield the committing database with a connection for each of forty, and patience on a busy machine."""
    database = Database(committing_database.url, Limits(pool_size=40, statement_timeout_ms=60_000))
    yield database
    await database.close()
