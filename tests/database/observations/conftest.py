"""Room for forty at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from integrations.postgres.client import Database
from integrations.postgres.limits import Limits


@pytest.fixture
async def crowded_database(committing_database: Database) -> AsyncIterator[Database]:
    """Yield the committing database with a connection for each of forty, and patience on a busy machine."""
    database = Database(committing_database.url, Limits(pool_size=40, statement_timeout_ms=60_000))
    yield database
    await database.close()
