"""Databases for tests: each a clone of one that was migrated, or peopled, once for all of a worker's tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import SUPERUSER, Cluster
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
