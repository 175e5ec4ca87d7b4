"""Turns at a connection: as whole, as durable and as plain about what passes as a session's transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from domain.accounts.tables import SessionRow
from domain.statements import Statement, rows_of, run
from integrations.postgres import limits
from integrations.postgres.client import Database
from integrations.postgres.embedded import Cluster
from integrations.postgres.errors import Contended, DatabaseUnavailable
from integrations.postgres.limits import NOTICED_SECONDS, Limits
from integrations.postgres.turns import TURN_SETTINGS, Taken
from tests.faults.wire import wire

WRITE = Statement(text("insert into note (words) values (:words)"))
COUNT = Statement(text("select count(*) as notes, max(words) as last from note"))
NUMBER = Statement(text("select cast(:number as smallint)"))
WAIT = Statement(text("select pg_sleep(60)"))
BROKEN = Statement(text("select 1 / cast(:by as integer)"))
LOCKED = Statement(text("select words from note for update"))
LOCK = Statement(text("select words from note for update nowait"))
WHO = Statement(text("select pg_backend_pid()"))


@pytest.fixture
async def notes(committing_database: Database) -> Database:
    async with committing_database.writing() as session:
        await session.execute(text("create table note (words text)"))
    return committing_database


@pytest.fixture
async def turning(notes: Database) -> AsyncIterator[Database]:
    database = Database(notes.url, Limits(pool_size=1, pool_overflow=0))
    yield database
    await database.close()


async def count(database: Database) -> int:
    async with database.turn_alone() as turn:
        ((found, _),) = await turn.rows(COUNT, {})
        return int(found)


async def test_what_is_asked_again_and_again_is_planned_once_and_a_session_s_statements_as_they_come(
    turning: Database,
) -> None:
    ask = Statement(text("select words from note where words = any(cast(:words as text[]))"))
    plans = Statement(
        text("select generic_plans, custom_plans from pg_prepared_statements where statement like 'select words%'")
    )
    async with turning.turn_alone() as turn:
        for _ in range(10):
            await turn.rows(ask, {"words": ["one"]})
        assert [tuple(row) for row in await turn.rows(plans, {})] == [(10, 0)]
    async with turning.reading() as session:
        assert await session.scalar(text("show plan_cache_mode")) == "auto"


async def test_a_process_that_goes_without_a_word_in_a_turn_holds_nobody_up_for_longer_than_seconds(
    notes: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TURN_SETTINGS, "idle_in_transaction_session_timeout", "100")
    silent, next_one = (Database(notes.url, Limits(pool_size=1, pool_overflow=0)) for _ in range(2))
    async with silent.turn() as turn:
        await turn.rows(WRITE, {"words": "one"})
    with pytest.raises(DatabaseUnavailable):
        async with silent.turn() as turn:
            await turn.rows(LOCK, {})
            async with next_one.turn() as other:
                assert (await other.rows(LOCKED, {}))[0].words == "one"
            await turn.rows(WRITE, {"words": "never told"})
    assert await count(next_one) == 1
    for each in (silent, next_one):
        await each.close()


async def test_the_server_asks_over_tcp_whether_a_client_is_there_still(turning: Database) -> None:
    """What this connection would have, were it not on a socket of the machine; `namespace_cut` has it at work."""
    told = Statement(text("select name, cast(reset_val as integer) as value from pg_settings where name like 'tcp_%'"))
    async with turning.turn_alone() as turn:
        values = {row.name: row.value for row in await turn.rows(told, {})}
    every, times = values["tcp_keepalives_interval"], values["tcp_keepalives_count"]
    assert values["tcp_keepalives_idle"] + every * times == NOTICED_SECONDS
    assert values["tcp_user_timeout"] == 1000 * NOTICED_SECONDS


async def test_a_turn_commits_at_its_end_and_not_before(turning: Database) -> None:
    async with turning.turn() as turn:
        await turn.rows(WRITE, {"words": "one"})
        assert await count(turning) == 0
    assert await count(turning) == 1


async def test_a_turn_that_raises_leaves_nothing_behind(turning: Database) -> None:
    with pytest.raises(LookupError):
        async with turning.turn() as turn:
            await turn.rows(WRITE, {"words": "one"})
            raise LookupError
    assert await count(turning) == 0


async def test_what_failed_is_never_taken_for_committed_though_nobody_minded(turning: Database) -> None:
    with pytest.raises(RuntimeError, match="nothing was committed"):
        async with turning.turn() as turn:
            await turn.rows(WRITE, {"words": "one"})
            with pytest.raises(Exception, match="division by zero"):
                await turn.rows(BROKEN, {"by": 0})
    assert await count(turning) == 0


async def test_a_reading_turn_can_write_nothing(turning: Database) -> None:
    async with turning.reading_turn() as turn:
        ((found, _),) = await turn.rows(COUNT, {})
        assert found == 0
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with turning.reading_turn() as turn:
            await turn.rows(WRITE, {"words": "one"})
    async with turning.turn() as turn:  # on the same connection, which may write again
        await turn.rows(WRITE, {"words": "one"})
    assert await count(turning) == 1


async def test_one_connection_serves_turn_after_turn(turning: Database) -> None:
    seen = set()
    for _ in range(3):
        async with turning.turn() as turn:
            ((pid,),) = await turn.rows(WHO, {})
            seen.add(pid)
        with pytest.raises(LookupError):
            async with turning.turn():
                raise LookupError
    assert len(seen) == 1
    assert turning.turns_in_use == 0


async def test_a_value_that_cannot_be_sent_is_the_callers_fault_and_not_the_databases(turning: Database) -> None:
    async with turning.turn_alone() as turn:
        with pytest.raises(asyncpg.DataError):
            await turn.rows(NUMBER, {"number": 1_000_000})
        ((found,),) = await turn.rows(NUMBER, {"number": 1_000})
        assert found == 1_000


async def test_what_another_transaction_holds_is_told_from_a_server_that_is_away(turning: Database) -> None:
    async with turning.turn() as turn:
        await turn.rows(WRITE, {"words": "one"})
    async with turning.turn() as holder:
        await holder.rows(LOCK, {})
        with pytest.raises(Contended):
            async with turning.turn() as turn:
                await turn.rows(LOCK, {})


async def test_a_turn_that_is_cancelled_leaves_nothing_and_the_next_goes_on(turning: Database) -> None:
    async def waits() -> None:
        async with turning.turn() as turn:
            await turn.rows(WRITE, {"words": "one"})
            await turn.rows(WAIT, {})

    waiting = asyncio.create_task(waits())
    await asyncio.sleep(0.2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await count(turning) == 0
    assert turning.turns_in_use == 0


async def test_a_server_that_falls_silent_is_called_unavailable_and_its_connections_are_replaced(
    notes: Database, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANSWER_GRACE_SECONDS", 0.2)
    async with wire(cluster.sockets / ".s.PGSQL.5432") as between, asyncio.timeout(30):
        url = f"postgresql://tendwell@127.0.0.1:{between.port}{urlsplit(notes.url).path}"
        database = Database(url, Limits(statement_timeout_ms=300))
        async with database.turn() as one, database.turn() as other:
            for turn in (one, other):
                await turn.rows(WHO, {})
        between.cut()
        with pytest.raises(DatabaseUnavailable):
            await count(database)
        between.mend()  # for those who connect anew: the network knows nothing more of the two that were
        assert [await count(database), await count(database)] == [0, 0]
        await database.close()


async def test_a_server_that_is_not_there_is_called_unavailable(free_port: int) -> None:
    database = Database(f"postgresql://nobody@127.0.0.1:{free_port}/nothing")
    with pytest.raises(DatabaseUnavailable):
        await count(database)
    await database.close()


class Ending:
    """A connection that the server has told to be over, while the line to it is still up."""

    terminated = False

    async def fetch(self, *_: object, **__: object) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    def terminate(self) -> None:
        self.terminated = True


async def test_a_connection_that_the_server_is_ending_is_called_unavailable_and_given_up() -> None:
    connection, given_up = Ending(), []
    with pytest.raises(DatabaseUnavailable):
        await Taken(connection, lambda: given_up.append(1)).rows(WHO, {})
    assert connection.terminated
    assert given_up


async def test_after_the_end_no_connection_is_kept(notes: Database) -> None:
    database = Database(notes.url, Limits(application_name="takes a turn"))
    async with database.turn_alone() as turn:
        await turn.rows(WHO, {})
        await database.close()
    async with asyncio.timeout(10), notes.statements() as session:
        there = text("select count(*) from pg_stat_activity where application_name = 'takes a turn'")
        while await session.scalar(there):
            await asyncio.sleep(0.02)


async def test_a_session_and_a_turn_tell_the_same(turning: Database) -> None:
    async with turning.turn() as turn:
        await run(turn, WRITE, {"words": "one"})
    async with turning.writing() as session:
        await run(session, WRITE, {"words": "two"})
    async with turning.turn_alone() as turn, turning.statements() as session:
        for work in (turn, session):
            (row,) = await rows_of(work, COUNT, {})
            assert (tuple(row), row.notes, row.last) == ((2, "two"), 2, "two")
            with pytest.raises(AttributeError):
                _ = row.first


def test_a_statement_knows_what_stands_in_it_and_asks_for_the_rest() -> None:
    ids, at = [UUID(int=1)], datetime(2026, 11, 23, tzinfo=UTC)
    statement = Statement(
        select(col(SessionRow.id))
        .where(col(SessionRow.kind) == "web", col(SessionRow.expires_at) > bindparam("at"))
        .where(col(SessionRow.id) == bindparam("ids", type_=ARRAY(Uuid())))
    )
    assert statement.arguments({"ids": ids, "at": at}) == ["web", at, ids]
    with pytest.raises(KeyError):
        statement.arguments({"ids": ids})
