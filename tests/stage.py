"""The stage: the application in a process of its own, as `python -m api serve` serves it, with the whole cast in it.

What is asked of it is committed. Everyone of the cast signs in with PASSWORD, at <name>@example.test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integrations.postgres.client import Database
from tests.cast import Cast, assemble, just_now
from tests.live.processes import Process, installation


@dataclass(frozen=True)
class Stage:
    """An API process, and the ids of those who stand in its database."""

    api: Process
    cast: Cast


async def assembled(database_url: str, password_hash: str) -> Cast:
    """Return the cast, committed to a migrated database."""
    database = Database(database_url)
    try:
        async with database.writing() as session:
            return await assemble(session, just_now(), password_hash)
    finally:
        await database.close()


@contextmanager
def serving_stage(database_url: str, cast: Cast, folder: Path) -> Iterator[Stage]:
    """Yield the stage: one API process on the database in which the cast was assembled."""
    with installation(database_url, folder) as installed:
        yield Stage(installed.start_api(), cast)
