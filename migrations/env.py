"""Runs the migrations: one transaction a revision, over asyncpg, with a bounded wait for locks."""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from integrations.postgres.beside import stops_service
from integrations.postgres.client import Database
from integrations.postgres.online import LOCK_TIMEOUT_MS
from integrations.postgres.schema import least_version

# Every context's tables, so that --autogenerate and the drift test compare with all of them.
DOMAIN = Path(__file__).parent.parent / "domain"
for tables in sorted(DOMAIN.glob("*/tables.py")):
    import_module(f"domain.{tables.parent.name}.tables")


def mark(ctx: MigrationContext, step: MigrationInfo, heads: object, run_args: object) -> None:  # noqa: ARG001 - Alembic names all
    """Say in the database, in the migration's own transaction, which versions can work with the schema from now on."""
    script = context.script.get_revision(step.up_revision_id) if step.up_revision_id else None
    if script is None or ctx.connection is None or not stops_service(script):
        return
    least: str | None = script.revision
    if not step.is_upgrade:
        _undone, *earlier = context.script.walk_revisions(head=script.revision)
        least = next((each.revision for each in earlier if stops_service(each)), None)
    ctx.connection.exec_driver_sql(least_version(least))


def run(connection: Connection) -> None:
    """Apply the revisions on an open connection, each in a transaction of its own: what it locks it lets go of then."""
    limit = context.config.attributes.get("statement_timeout_ms", 0)
    # A migration that cannot get its lock must give up rather than queue all of ingest behind itself.
    connection.execute(text(f"set lock_timeout = {LOCK_TIMEOUT_MS}"))
    connection.execute(text(f"set statement_timeout = {limit}"))
    connection.commit()  # or Alembic would take this for a transaction that is to hold them all
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
        on_version_apply=mark,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_online(url: str) -> None:
    """Open a connection of our own and apply the revisions on it."""
    database = Database(url, pooled=False)
    async with database.engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await database.close()


given: Any = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    arguments = context.get_x_argument(as_dictionary=True)
    asyncio.run(run_online(arguments.get("url") or os.environ["TENDWELL_DATABASE_URL"]))
