"""Transactions, their limits and the doorbell, on a real server."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from integrations.postgres import limits
from integrations.postgres.client import Database, connect, driver_url
from integrations.postgres.embedded import SUPERUSER, Cluster
from integrations.postgres.errors import DatabaseUnavailable, UnsupportedServer
from integrations.postgres.limits import Limits
from integrations.postgres.migrate import migrate
from integrations.postgres.roles import Role
from tests.faults.wire import wire

PATIENCE_SECONDS = 10


async def scalar(database: Database, statement: str) -> object:
    async with database.reading() as session:
        return await session.scalar(text(statement))


@pytest.fixture
async def notes(committing_database: Database) -> Database:
    async with committing_database.writing() as session:
        await session.execute(text("create table note(words text unique)"))
    return committing_database


async def write(database: Database, words: str) -> None:
    async with database.writing() as session:
        await session.execute(text("insert into note values (:words)"), {"words": words})


async def test_what_is_written_is_there_when_the_block_has_ended(notes: Database) -> None:
    await write(notes, "kept")
    assert await scalar(notes, "select words from note") == "kept"


async def test_a_block_that_raises_leaves_nothing(notes: Database) -> None:
    with pytest.raises(RuntimeError, match="second thoughts"):
        async with notes.writing() as session:
            await session.execute(text("insert into note values ('gone')"))
            raise RuntimeError("second thoughts")
    assert await scalar(notes, "select count(*) from note") == 0


async def test_a_reader_cannot_write_even_if_it_tries(notes: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with notes.reading() as session:
            await session.execute(text("insert into note values ('no')"))


async def test_a_writer_can_write_on_the_connection_a_reader_gave_back(cluster: Cluster, notes: Database) -> None:
    database = Database(notes.url, Limits(pool_size=1, pool_overflow=0))
    await scalar(database, "select 1")
    await write(database, "after a reader")
    assert await scalar(database, "select words from note") == "after a reader"
    await database.close()


async def test_an_error_that_no_retry_can_mend_goes_through_unchanged_and_without_its_values(notes: Database) -> None:
    await write(notes, "secret words")
    with pytest.raises(IntegrityError) as refused:
        await write(notes, "secret words")
    assert "hidden" in str(refused.value)
    assert refused.value.params is None or "secret words" not in str(refused.value).split("[SQL")[1]


async def test_a_connection_the_server_closed_is_replaced(database: Database, cluster: Cluster) -> None:
    ours = await scalar(database, "select pg_backend_pid()")
    executioner = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await executioner.fetchval("select pg_terminate_backend($1, 5000)", ours)
    await executioner.close()
    assert await scalar(database, "select pg_backend_pid()") != ours


async def test_a_statement_that_takes_too_long_is_called_unavailable(database_url: str) -> None:
    database = Database(database_url, Limits(statement_timeout_ms=50))
    with pytest.raises(DatabaseUnavailable):
        await scalar(database, "select pg_sleep(20)")
    await database.close()


async def test_a_transaction_left_idle_is_ended_by_the_server(database_url: str) -> None:
    database = Database(database_url, Limits(idle_in_transaction_timeout_ms=50))
    with pytest.raises(DatabaseUnavailable):
        async with database.writing() as session:
            await session.execute(text("select 1"))
            async with asyncio.timeout(10):
                while True:
                    await asyncio.sleep(0.1)
                    await session.execute(text("select 1"))
    await database.close()


async def test_a_full_pool_is_called_unavailable_within_seconds(database_url: str) -> None:
    database = Database(database_url, Limits(pool_size=1, pool_overflow=0))
    async with database.reading(), asyncio.timeout(10):
        with pytest.raises(DatabaseUnavailable):
            await scalar(database, "select 1")
    await database.close()


async def test_a_state_is_held_beside_the_pool_and_lets_go_of_its_connection(notes: Database) -> None:
    counted = "select count(*) from pg_stat_activity where application_name = 'holds a state'"
    database = Database(notes.url, Limits(pool_size=1, pool_overflow=0, application_name="holds a state"))
    async with database.standing() as state:
        await write(database, "later")
        async with database.writing(as_of=state) as session:
            assert await session.scalar(text("select count(*) from note")) == 0
        assert await scalar(notes, counted) == 2
    async with asyncio.timeout(10):  # the server counts a connection until its process has ended
        while await scalar(notes, counted) != 1:
            await asyncio.sleep(0.02)
    assert await scalar(database, "select words from note") == "later"
    await database.close()


async def test_a_server_that_is_not_there_is_called_unavailable(free_port: int) -> None:
    database = Database(f"postgresql://nobody@127.0.0.1:{free_port}/nothing")
    with pytest.raises(DatabaseUnavailable):
        await scalar(database, "select 1")
    await database.close()


async def test_a_server_that_falls_silent_is_called_unavailable_and_its_connections_are_replaced(
    notes: Database, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANSWER_GRACE_SECONDS", 0.2)
    async with wire(cluster.sockets / ".s.PGSQL.5432") as between, asyncio.timeout(30):
        url = f"postgresql://tendwell@127.0.0.1:{between.port}{urlsplit(notes.url).path}"
        database = Database(url, Limits(pool_size=2, pool_overflow=0, statement_timeout_ms=300))
        async with database.reading():
            await write(database, "before")  # two connections stand in the pool
        between.cut()
        with pytest.raises(DatabaseUnavailable):
            await write(database, "meanwhile")
        between.mend()  # for those who connect anew: the network knows nothing more of the two that were
        for words in ("after", "again"):
            await write(database, words)
        assert await scalar(notes, "select count(*) from note") == 3
        await database.close()


async def test_an_error_of_the_callers_own_is_never_taken_for_a_lost_database(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.reading():
            raise FileNotFoundError("a file of the caller's")
    with pytest.raises(TimeoutError, match="a patience of the caller's"):
        async with database.reading() as session:
            await session.execute(text("select 1"))
            raise TimeoutError("a patience of the caller's")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_usual_spelling_of_the_url_is_understood(scheme: str) -> None:
    assert driver_url(f"{scheme}://a:b@c/d?sslmode=require") == "postgresql://a:b@c/d?sslmode=require"


@pytest.mark.parametrize("url", ["mysql://a:hunter2@b/c", "hunter2", ""])
def test_another_kind_of_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="must start with postgresql") as refused:
        driver_url(url)
    assert "hunter2" not in str(refused.value)


async def test_a_server_too_old_is_refused_by_name(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await database.require_supported_server()
    monkeypatch.setattr("integrations.postgres.client.OLDEST_SUPPORTED_VERSION", 99)
    with pytest.raises(UnsupportedServer, match="PostgreSQL 99 or newer; this server is [0-9]+"):
        await database.require_supported_server()


async def test_the_doorbell_rings_on_notify_and_again_after_a_lost_connection(database: Database) -> None:
    executioner = await connect(database.url)
    async with aclosing(database.listen("feed")) as doorbell, asyncio.timeout(20):
        await anext(doorbell)
        await executioner.execute("notify feed")
        await anext(doorbell)
        ended = await executioner.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where query ilike 'listen%'"
        )
        assert ended == 1
        await anext(doorbell)
        await executioner.execute("notify feed")
        await anext(doorbell)
    await executioner.close()


async def test_who_listens_and_is_told_to_end_ends_even_while_it_rings(database: Database) -> None:
    async def listen() -> None:
        async for _ in database.listen("feed"):
            heard.set()

    async def ring() -> None:
        executioner = await connect(database.url)
        while not has_ended.is_set():
            await executioner.execute("notify feed")
        await executioner.close()

    heard, has_ended = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as ringing:
        ringing.create_task(ring())
        for turns in range(40):  # each ends it some turns of the loop after a ring, until one meets the next ring
            listener = asyncio.create_task(listen())
            heard.clear()
            await heard.wait()
            for _ in range(turns % 8):
                await asyncio.sleep(0)
            listener.cancel()
            _, endless = await asyncio.wait({listener}, timeout=PATIENCE_SECONDS)
            if endless:
                break
        has_ended.set()
    assert not endless


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://tendwell@127.0.0.1:1/nothing", "'nothing' at 127.0.0.1, port 1"),
        ("mysql://tendwell@127.0.0.1/health", "must start with postgresql://"),
    ],
)
async def test_a_database_that_cannot_be_reached_is_named_and_its_password_is_not(url: str, named: str) -> None:
    secret = url.replace("tendwell@", "tendwell:hunter2-hunter2@")
    with pytest.raises((UnsupportedServer, DatabaseUnavailable)) as refused:
        await migrate(secret)
    assert named in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(("name", "user"), [("no_such_database", "tendwell"), ("tendwell", "no_such_login")])
async def test_a_login_that_is_not_let_in_may_be_later_and_is_told_in_one_line(
    cluster: Cluster, name: str, user: str
) -> None:
    """A wrong password ended in 150 lines of traceback, and each request in a 500."""
    database = Database(cluster.url(name, user=user), pooled=False, role=Role.runtime)
    with pytest.raises(DatabaseUnavailable, match="does not let this login in: .*no_such") as refused:
        async with database.reading():
            pass
    assert "\n" not in str(refused.value)
    await database.close()


async def test_a_database_that_does_not_exist_is_told_so(cluster: Cluster) -> None:
    with pytest.raises(UnsupportedServer, match='"no_such_database" does not exist'):
        await migrate(cluster.url("no_such_database"))
