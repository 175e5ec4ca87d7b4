"""Databases for tests: each a clone of one that was migrated, or peopled, once for all of a worker's tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only
from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import SUPERUSER, Cluster
from integrations.postgres.limits import Limits
from integrations.postgres.migrate import migrate
from tests.cast import Cast

EMPTY = "tendwell_template"
"""The template that holds the schema and nobody."""

Assemble = Callable[[AsyncSession], Awaitable[Cast]]


async def make_empty_template(cluster: Cluster) -> None:
    """Have EMPTY stand in a new server."""
    await cluster.ensure_database(EMPTY)
    await migrate(cluster.url(EMPTY))


async def clone(cluster: Cluster, name: str, template: str = EMPTY) -> str:
    """Return the URL of a new database that is as its template. Nobody may be connected to the template."""
    # Copied as files: by way of the write-ahead log, as PostgreSQL does it if not told, it costs half as much again.
    await _as_superuser(cluster, f'create database "{name}" template "{template}" owner tendwell strategy file_copy')
    return cluster.url(name)


async def drop(cluster: Cluster, name: str) -> None:
    """Have a database be gone, whoever is connected to it."""
    await _as_superuser(cluster, f'drop database "{name}" with (force)')


class StandingDatabase(Database):
    """A database for many tests, one after the other, whose transactions are savepoints in one that is rolled back.

    Each savepoint has a name of its own, so that SQLAlchemy would have each prepared, which takes a second round trip
    and the place of a statement that is asked again. Here they are said as they are.
    """

    def __init__(self, url: str) -> None:
        # A test's transaction may lie idle for as long as the test takes, on a machine that does much else.
        super().__init__(url, Limits(idle_in_transaction_timeout_ms=0))
        dialect: Any = self.engine.sync_engine.dialect
        first = dialect.do_savepoint

        def begun(connection: Connection, name: str) -> None:
            adapted = _adapted(connection)
            if adapted._transaction is None:  # it begins with the first statement
                first(connection, name)
            else:
                await_only(_said(adapted, f"savepoint {name}"))

        dialect.do_savepoint = begun
        dialect.do_release_savepoint = lambda at, name: await_only(_said(_adapted(at), f"release savepoint {name}"))
        dialect.do_rollback_to_savepoint = lambda at, name: await_only(_said(_adapted(at), f"rollback to {name}"))

    async def rest(self) -> None:
        """Close the connections: they belong to the test's event loop."""
        self._turns._drop()
        await self.engine.dispose()


async def said(connection: AsyncConnection, statements: str) -> None:
    """Have statements be done that take and give nothing, in one round trip, after what is under way."""
    assert connection.sync_connection is not None
    await _said(_adapted(connection.sync_connection), statements)


def _adapted(connection: Connection) -> Any:
    """Return what stands between SQLAlchemy and the driver."""
    return connection.connection.dbapi_connection


async def _said(adapted: Any, statements: str) -> None:
    async with adapted._execute_mutex:
        await adapted.driver_connection.execute(statements)


@dataclass(frozen=True)
class Troupe:
    """The cast as they stand in a template, and in a database of the worker's for tests that forget what they did."""

    template: str
    url: str
    cast: Cast


@dataclass
class Troupes:
    """The troupes of a worker, each assembled once: that takes half a second, a clone a tenth of that."""

    cluster: Cluster
    _standing: dict[Assemble, Troupe] = field(default_factory=dict)

    def assembled_by(self, assemble: Assemble) -> Troupe:
        """Return the troupe that a function assembles."""
        if assemble not in self._standing:
            self._standing[assemble] = asyncio.run(self._assemble(assemble, f"troupe_{len(self._standing)}"))
        return self._standing[assemble]

    async def _assemble(self, assemble: Assemble, template: str) -> Troupe:
        database = Database(await clone(self.cluster, template))
        try:
            async with database.writing() as session:
                cast = await assemble(session)
        finally:
            await database.close()
        return Troupe(template, await clone(self.cluster, f"{template}_on_stage", template), cast)


async def _as_superuser(cluster: Cluster, statement: str) -> None:
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await connection.execute(statement)
    await connection.close()
