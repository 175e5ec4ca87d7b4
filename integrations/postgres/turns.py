"""Turns at a few connections that are kept for what is done over and over: statements, and nothing around them.

A session of SQLAlchemy costs 0.4 ms of processor time a transaction and 0.2 a statement, a turn 0.1 and 0.05. What it
is told of the server it says in the same words as `client.py`: DatabaseUnavailable for whatever passes by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from domain.statements import Statement
from integrations.postgres.errors import Contended, DatabaseUnavailable, is_contention, is_retryable

Connecting = Callable[..., Awaitable[asyncpg.Connection]]

# What is asked a thousand times a second is planned once. Left to itself PostgreSQL plans a statement anew each time it
# is given few values, for a cheaper plan by its reckoning: 2 to 3 ms for one pair of account and patient, which the
# same indexes answer in 0.2. Planned while a table is empty it has to be good when the table is not: so by index
# wherever there is one.
# A turn is statements and nothing between them. One that idles is that of a process that is gone without a word, and
# what it has locked and begun holds up the feed, and whoever records for the same person.
TURN_SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "idle_in_transaction_session_timeout": "5000",
}


class Row(asyncpg.Record):  # type: ignore[misc]
    """A row whose columns are also its attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Taken:
    """One turn: what is asked of its connection until it ends."""

    def __init__(self, connection: asyncpg.Connection, give_up: Callable[[], None]) -> None:
        self._connection, self._give_up = connection, give_up

    async def rows(self, statement: Statement, values: Mapping[str, object]) -> list[Row]:
        """Return the rows of a statement. Raises DatabaseUnavailable."""
        asked = statement.arguments(values)
        found: list[Row] = await self._told(self._connection.fetch(statement.sql, *asked, record_class=Row))
        return found

    async def begin(self) -> None:
        """Begin a transaction. Raises DatabaseUnavailable."""
        await self._told(self._connection.execute("begin"))

    async def begin_reading(self) -> None:
        """Begin one that PostgreSQL keeps from writing. Raises DatabaseUnavailable."""
        await self._told(self._connection.execute("begin read only"))

    async def commit(self) -> None:
        """Commit. Raises DatabaseUnavailable, and RuntimeError when a statement had failed and nobody minded."""
        ended = await self._told(self._connection.execute("commit"))
        if ended != "COMMIT":
            raise RuntimeError(f"nothing was committed: {ended}")

    async def undo(self) -> None:
        """Roll back; a connection that cannot be asked to is not used again, which does the same."""
        try:
            await self._told(self._connection.execute("rollback"))
        except Exception:  # noqa: BLE001 - what went wrong before is what is to be told
            self._connection.terminate()

    async def _told(self, answer: Awaitable[Any]) -> Any:
        try:
            return await answer
        # A time-out is among the first: whoever does not answer is gone, and those beside it as well.
        except (OSError, asyncpg.InternalClientError) as error:
            self._connection.terminate()
            if not is_retryable(error):
                raise
            self._give_up()
            raise DatabaseUnavailable from error
        except asyncio.CancelledError:
            self._connection.terminate()  # what it was asked may still be on its way
            raise
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if is_contention(error):
                raise Contended from error
            if is_retryable(error):
                raise DatabaseUnavailable from error
            raise


class Turns:
    """Connections that are kept between turns. Whoever takes turns bounds how many there are at once."""

    def __init__(self, connecting: Connecting, *, kept: int) -> None:
        """Nothing is connected before the first turn. `kept`: how many connections wait for the next, at the most."""
        self._connecting, self._kept = connecting, kept
        self._idle: list[asyncpg.Connection] = []
        self._in_use = 0

    @property
    def in_use(self) -> int:
        """Return how many turns are under way."""
        return self._in_use

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Taken]:
        """Yield a turn each of whose statements stands by itself. Raises DatabaseUnavailable."""
        connection = await self._connected()
        self._in_use += 1
        try:
            yield Taken(connection, self._drop)
        finally:
            self._in_use -= 1
            self._put_back(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Taken]:
        """Yield a turn in a transaction that commits when the block ends, and rolls back when it raises.

        Raises DatabaseUnavailable.
        """
        async with self.alone() as turn, _ended(turn, turn.begin):
            yield turn

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Taken]:
        """Yield a turn in a transaction that PostgreSQL keeps from writing. Raises DatabaseUnavailable."""
        async with self.alone() as turn, _ended(turn, turn.begin_reading):
            yield turn

    def close(self) -> None:
        """Close all connections; those of turns under way when they end."""
        self._kept = 0
        self._drop()

    def _drop(self) -> None:
        while self._idle:
            self._idle.pop().terminate()

    async def _connected(self) -> asyncpg.Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():  # the event loop has seen it, if the server closed it
                return connection
        try:
            return await self._connecting()
        except DatabaseUnavailable:
            raise
        except Exception as error:
            if is_retryable(error):
                raise DatabaseUnavailable from error
            raise

    def _put_back(self, connection: asyncpg.Connection) -> None:
        if connection.is_closed() or connection.is_in_transaction() or len(self._idle) >= self._kept:
            connection.terminate()
        else:
            self._idle.append(connection)


@asynccontextmanager
async def _ended(turn: Taken, begin: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    await begin()
    try:
        yield
    except BaseException:
        await turn.undo()
        raise
    await turn.commit()
