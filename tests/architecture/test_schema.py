"""The database's schema and the tables of the domain are the same thing; every migration can be undone."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from integrations.postgres.client import Database
from integrations.postgres.online import MIGRATIONS

# SQLAlchemy reads our xid8 columns as a type that it does not know.
pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")


# What stands in parts is one table to the domain.
_PARTS = text("select relname from pg_class where relispartition")


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _differences(connection: Connection) -> list[object]:
    parts = set(connection.scalars(_PARTS))

    def is_whole(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or name not in parts

    opts = {"compare_type": True, "compare_server_default": True, "include_name": is_whole}
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, SQLModel.metadata))


async def test_the_migrated_schema_is_what_the_tables_say(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_every_migration_goes_down_and_up_again(committing_database: Database) -> None:
    def down_and_up(connection: Connection) -> None:
        command.downgrade(_config(connection), "base")
        left = connection.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars()
        assert set(left) <= {"alembic_version"}
        command.upgrade(_config(connection), "head")

    async with committing_database.engine.connect() as connection:
        await connection.run_sync(down_and_up)
        await connection.commit()
        assert await connection.run_sync(_differences) == []


def test_there_is_one_line_of_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
