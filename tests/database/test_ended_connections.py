"""A connection that the server has ended while the line to it is still up: a lost database, wherever it is met."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from domain.statements import Statement
from integrations.postgres import client
from integrations.postgres.client import Admission, Database
from integrations.postgres.embedded import Cluster
from integrations.postgres.errors import DatabaseUnavailable, is_retryable
from integrations.postgres.limits import Limits
from integrations.postgres.roles import require_fit
from tests.faults.wire import Wire, wire

WHO = Statement(text("select pg_backend_pid()"))
ONE_CONNECTION = Limits(pool_size=1, pool_overflow=0)

Ask = Callable[[Database], Awaitable[int]]


async def by_session(database: Database) -> int:
    async with database.writing() as session:
        return int(await session.scalar(text("select pg_backend_pid()")))


async def by_statement(database: Database) -> int:
    async with database.statements() as session:
        return int(await session.scalar(text("select pg_backend_pid()")))


async def by_turn(database: Database) -> int:
    async with database.turn() as turn:
        return int((await turn.rows(WHO, {}))[0][0])


every_way = pytest.mark.parametrize("ask", [by_session, by_statement, by_turn])


@pytest.fixture
async def between(cluster: Cluster) -> AsyncIterator[Wire]:
    async with wire(cluster.sockets / ".s.PGSQL.5432") as opened, asyncio.timeout(30):
        yield opened


@asynccontextmanager
async def behind(between: Wire, database: Database, admission: Admission | None = None) -> AsyncIterator[Database]:
    url = f"postgresql://tendwell@127.0.0.1:{between.port}{urlsplit(database.url).path}"
    wired = Database(url, ONE_CONNECTION, admission=admission)
    yield wired
    between.mend()  # who closes waits for the other end to hang up
    await wired.close()


async def end(database: Database, pid: int) -> None:
    """End a connection, and come back when it knows: what the server said of it has been handed on."""
    async with database.reading() as session:
        assert await session.scalar(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    await asyncio.sleep(0.1)


@every_way
async def test_one_that_is_ended_before_its_first_statement_is_called_unavailable(
    between: Wire, committing_database: Database, ask: Ask
) -> None:
    async def ending(connection: asyncpg.Connection) -> None:
        between.keep_the_end()
        await end(committing_database, connection.get_server_pid())
        await require_fit(connection, strictly=False)

    async with behind(between, committing_database, ending) as database:
        with pytest.raises(DatabaseUnavailable):
            await ask(database)


@every_way
async def test_one_that_is_ended_while_it_waits_for_use_is_called_unavailable_once_and_replaced(
    between: Wire, committing_database: Database, ask: Ask
) -> None:
    async with behind(between, committing_database) as database:
        between.keep_the_end()
        await end(committing_database, was := await ask(database))
        with pytest.raises(DatabaseUnavailable):
            await ask(database)
        assert await ask(database) != was


async def test_who_listens_connects_anew(
    between: Wire, committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LISTENER_CHECK_SECONDS", 0.05)
    ours = text("select pid from pg_stat_activity where application_name = 'listens'")
    database = Database(
        f"postgresql://tendwell@127.0.0.1:{between.port}{urlsplit(committing_database.url).path}",
        Limits(application_name="listens"),
    )
    rings = database.listen("bell")
    await anext(rings)
    between.keep_the_end()
    async with committing_database.reading() as session:
        pid = await session.scalar(ours)
    await end(committing_database, pid)
    await anext(rings)
    async with committing_database.reading() as session:
        assert await session.scalar(ours) != pid
    await rings.aclose()
    await database.close()


@pytest.mark.parametrize(
    "words", ["no encoder for OID 2278", "could not resolve query result and/or argument types in 6 attempts"]
)
def test_what_else_the_driver_finds_wrong_with_itself_stays_a_defect(words: str) -> None:
    assert not is_retryable(asyncpg.InternalClientError(words))
