"""What a migration does beside a service in use, where PostgreSQL's own way would have others wait."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from integrations.postgres.online import LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS

_PARTS = text(
    "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
    " where i.inhparent = cast(:parent as regclass) order by 1"
)
_IS_VALID = text("select indisvalid from pg_index where indexrelid = cast(:name as regclass)")
_DEFINITION = text(
    "select pg_get_functiondef(oid) from pg_proc"
    " where proname = :name and pronamespace = current_schema()::regnamespace"
)


def index_concurrently(name: str, definition: str) -> None:
    """Make an index while its table is written: `definition` is what follows `create index NAME`, from `on` onward.

    Outside any transaction, so what the migration did before is committed; call it first, or alone. It waits for every
    transaction that is open, and nobody waits for it. An earlier attempt that was cut off leaves an index that is not
    used: it is dropped and made anew.
    """
    _concurrently("index", name, definition)


def unique_index_concurrently(name: str, definition: str) -> None:
    """Make a unique index likewise. It fails where rows stand in its way."""
    _concurrently("unique index", name, definition)


def index_of_parts_concurrently(parent: str, name: str, suffix: str, definition: str) -> None:
    """Make an index of a partitioned table: each part's own, PART_SUFFIX, while it is written, then the whole's of them.

    `definition` is what follows `on TABLE`. Raises for a part that came meanwhile and has none: migrate again.
    """
    parts = list(op.get_bind().execute(_PARTS, {"parent": parent}).scalars())
    for part in parts:
        index_concurrently(f"{part}_{suffix}", f"on {part} {definition}")
    op.execute(f"create index {name} on only {parent} {definition}")
    for part in parts:
        op.execute(f"alter index {name} attach partition {part}_{suffix}")
    if not op.get_bind().execute(_IS_VALID, {"name": name}).scalar_one():
        raise RuntimeError(f"a part of {parent} is without its {name}: migrate again")


def change_function(name: str, before: str, after: str) -> None:
    """Put other words into a function of this schema, wherever it comes from by now. Raises where they are not in it.

    Through the driver itself: a colon in the words means nothing to it.
    """
    driven = op.get_bind()
    definition = driven.execute(_DEFINITION, {"name": name}).scalar_one()
    if before not in definition:
        raise RuntimeError(f"not the {name} that is known here")
    driven.exec_driver_sql(definition.replace(before, after))


def _concurrently(kind: str, name: str, definition: str) -> None:
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("set statement_timeout = 0")
        op.execute(f"drop index concurrently if exists {name}")
        op.execute(f"create {kind} concurrently {name} {definition}")
        op.execute(f"set statement_timeout = {STATEMENT_TIMEOUT_MS}")
        op.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")
