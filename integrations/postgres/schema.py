"""Whether a database has the schema that this version was written for. Changes nothing, and needs no Alembic."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
_UNDEFINED_TABLE = "42P01"


async def is_behind(session: AsyncSession) -> bool:
    """Return True if the database lacks a migration that stands in our folder.

    A revision that we do not know is one of a newer version's: such a schema still serves us while nodes are replaced.
    The transaction may be spoilt afterwards when the answer is True.
    """
    connection = await session.connection()
    try:
        found = (await connection.exec_driver_sql("select version_num from alembic_version")).scalar_one_or_none()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE:
            return True
        raise
    *earlier, _newest = revisions()
    return found is None or found in earlier


@cache
def revisions() -> tuple[str, ...]:
    """Return the migrations in our folder, oldest first: each file's name begins with its number."""
    return tuple(sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py")))
