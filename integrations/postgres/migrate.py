"""Brings a database to the newest schema. Knows where the migrations stand, nothing of what they say."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from integrations.postgres.client import Database, Limits

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
# Any number, as long as every Tendwell that migrates one database asks for the same.
_ONE_AT_A_TIME = 0x7E4D_3E11
_WITHOUT_END_MS = 0


async def migrate(url: str) -> bool:
    """Return True if the database was empty; apply the migrations that are missing.

    A second process that asks at the same time waits, then finds nothing to do.

    Raises UnsupportedServer before anything is changed.
    """
    database = Database(
        url, Limits(statement_timeout_ms=_WITHOUT_END_MS, application_name="tendwell migrate"), pooled=False
    )
    await database.require_supported_server()
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql(f"select pg_advisory_lock({_ONE_AT_A_TIME})")
        await connection.commit()
        was_empty = await connection.run_sync(_is_empty)
        await connection.run_sync(_upgrade)
        await connection.commit()
    await database.close()
    return was_empty


def _is_empty(connection: Connection) -> bool:
    return MigrationContext.configure(connection).get_current_revision() is None


def _upgrade(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
