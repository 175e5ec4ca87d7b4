"""Whether a database has a schema that this version can work with. Changes nothing, and needs no Alembic."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
_UNDEFINED_TABLE = "42P01"
_STANDING = (
    "select version_num as revision, obj_description('alembic_version'::regclass, 'pg_class') as least"
    " from alembic_version"
)
_LEAST = "for versions that know migration "


class Schema(StrEnum):
    """How a database's schema stands to this version."""

    fit = "fit"
    behind = "behind"
    beyond = "beyond"


async def schema_of(session: AsyncSession) -> Schema:
    """Return whether the database lacks a migration that stands in our folder, or has passed one we cannot work with.

    A revision that we do not know is one of a newer version's: such a schema still serves us while nodes are replaced,
    unless it says that it is only for versions that know a migration which we have not.
    The transaction may be spoilt afterwards when the schema is behind.
    """
    connection = await session.connection()
    try:
        row = (await connection.exec_driver_sql(_STANDING)).mappings().one_or_none()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE:
            return Schema.behind
        raise
    *earlier, _newest = revisions()
    if row is None or row["revision"] in earlier:
        return Schema.behind
    says, prefix, least = str(row["least"] or "").partition(_LEAST)
    is_ours = prefix and not says  # a comment of somebody else's says nothing to us
    return Schema.beyond if is_ours and least not in revisions() else Schema.fit


def least_version(revision: str | None) -> str:
    """Return the statement that says which migration a version must know to work with the schema; None: any may."""
    words = "null" if revision is None else f"'{_LEAST}{revision}'"
    return f"comment on table alembic_version is {words}"


@cache
def revisions() -> tuple[str, ...]:
    """Return the migrations in our folder, oldest first: each file's name begins with its number."""
    return tuple(sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py")))
