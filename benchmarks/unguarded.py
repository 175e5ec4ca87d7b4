"""The same application with the second net taken away, so that the net's own cost can be measured: never for use.

Every transaction is the owner's, whom row security lets pass, and enters as nobody. Access rules, audit and events of
the application stay. Started as a process of its own: `python -m benchmarks.unguarded PORT`.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.app import create_app
from api.commands.serve import serve
from api.deps import Services
from api.settings import read_settings
from benchmarks.http_client import LOOPBACK
from domain.access.actor import Actor
from domain.statements import Turn
from integrations.postgres.client import Database, State
from integrations.postgres.roles import Databases


class Unguarded(Databases):
    """The database as its owner, for whoever acts."""

    @asynccontextmanager
    async def writing(
        self, actor: Actor, about: Collection[UUID] | None = None, *, as_of: State | None = None
    ) -> AsyncIterator[AsyncSession]:
        """Yield a transaction in which all rows are there."""
        del actor, about  # it acts for nobody, which is what is measured
        async with self.runtime.writing(as_of=as_of) as session:
            yield session

    @asynccontextmanager
    async def writing_together(self, pairs: Iterable[tuple[UUID, UUID]], at: datetime) -> AsyncIterator[Turn]:
        """Yield the same."""
        del pairs, at
        async with self.runtime.turn() as turn:
            yield turn


def main(port: int) -> None:
    """Serve until told to end."""
    settings = read_settings()
    app = create_app(settings)
    held: Services = app.state.services
    owner = Database(settings.database_url.get_secret_value(), settings.database_limits("tendwell-unguarded"))
    unguarded = Unguarded(owner, held.database.identity, owner, owner, owner)
    app.state.services = replace(held, database=unguarded)
    serve(app, settings, host=LOOPBACK, port=port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
