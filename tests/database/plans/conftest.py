"""The cast, committed once for all tests of goals and plans; each test forgets what it did itself."""

from __future__ import annotations

import asyncio

import pytest

from integrations.postgres.client import Database
from integrations.postgres.embedded import Cluster
from tests.cast import Cast, assemble, just_now
from tests.conftest import clone


@pytest.fixture(scope="session")
def staged(cluster: Cluster, worker_id: str) -> tuple[str, Cast]:
    """Return the URL of a database in which the cast stands, committed once for all tests here: it takes a second."""

    async def assembled(url: str) -> Cast:
        database = Database(url)
        async with database.writing() as session:
            cast = await assemble(session, just_now(), "not a hash: nobody signs in here")
        await database.close()
        return cast

    name = f"plans_{worker_id}"
    asyncio.run(clone(cluster, name))
    return cluster.url(name), asyncio.run(assembled(cluster.url(name)))


@pytest.fixture(scope="session")
def database_url(staged: tuple[str, Cast]) -> str:
    """Return the URL of the database with the cast in it, in place of the worker's own."""
    return staged[0]


@pytest.fixture
def cast(staged: tuple[str, Cast]) -> Cast:
    return staged[1]


@pytest.fixture
async def committed_cast(committing_database: Database) -> Cast:
    async with committing_database.writing() as session:
        return await assemble(session, just_now(), "not a hash: nobody signs in here")
