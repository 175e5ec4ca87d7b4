"""Runs the migrations: one transaction a revision, over asyncpg, with a bounded wait for locks."""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import context
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from integrations.postgres.client import Database
from integrations.postgres.online import LOCK_TIMEOUT_MS

# Every context's tables, so that --autogenerate and the drift test compare with all of them.
DOMAIN = Path(__file__).parent.parent / "domain"
for tables in sorted(DOMAIN.glob("*/tables.py")):
    import_module(f"domain.{tables.parent.name}.tables")


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
