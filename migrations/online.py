"""What a migration does beside a service in use, where PostgreSQL's own way would have others wait."""

from __future__ import annotations

from alembic import op

from integrations.postgres.online import LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS


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


def _concurrently(kind: str, name: str, definition: str) -> None:
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("set statement_timeout = 0")
        op.execute(f"drop index concurrently if exists {name}")
        op.execute(f"create {kind} concurrently {name} {definition}")
        op.execute(f"set statement_timeout = {STATEMENT_TIMEOUT_MS}")
        op.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")
