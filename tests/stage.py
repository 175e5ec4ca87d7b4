"""The stage: the application in a process of its own, as `python -m api serve` serves it, with the whole cast in it.

What is asked of it is committed. Everyone of the cast signs in with PASSWORD, at <name>@example.test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.run.first_secrets import new_secret, new_signing_key
from integrations.postgres.client import Database
from tests.cast import Cast, assemble, just_now
from tests.served import Served, serving


@dataclass(frozen=True)
class Stage:
    """A server, and the ids of those who stand in its database."""

    served: Served
    cast: Cast

    @property
    def url(self) -> str:
        """Return the server's address."""
        return self.served.url


async def assembled(database_url: str, password_hash: str) -> Cast:
    """Return the cast, committed to a migrated database."""
    database = Database(database_url)
    try:
        async with database.writing() as session:
            return await assemble(session, just_now(), password_hash)
    finally:
        await database.close()


@contextmanager
def serving_stage(database_url: str, cast: Cast) -> Iterator[Stage]:
    """Yield the stage: one API process on the database, with secrets of its own."""
    environment = {
        "TENDWELL_ENVIRONMENT": "demo",
        "TENDWELL_DATABASE_URL": database_url,
        "TENDWELL_SIGNING_KEY": new_signing_key(),
        "TENDWELL_REFRESH_SECRET": new_secret(),
        "TENDWELL_CURSOR_SECRET": new_secret(),
    }
    with serving("api", "serve", "--port", environment=environment) as served:
        yield Stage(served, cast)
