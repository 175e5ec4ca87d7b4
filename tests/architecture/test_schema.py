"""The database's schema and the tables of the domain are the same thing; every migration can be undone."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, String, text
from sqlmodel import SQLModel

from domain.observations.tables import Letter
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


def _differs(_context: object, _inspected: object, _column: object, kept: object, declared: object) -> bool | None:
    """Return whether a column's type is another; None for Alembic's own judgement. It takes "char" for any text."""
    return not isinstance(kept, String) if isinstance(declared, Letter) else None


def _differences(connection: Connection) -> list[object]:
    parts = set(connection.scalars(_PARTS))

    def is_whole(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or name not in parts

    opts = {"compare_type": _differs, "compare_server_default": True, "include_name": is_whole}
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


# Where rules stand between somebody and a table's rows, PostgreSQL looks no further in an index than what is compared
# by a function that is known to tell nobody anything.
_TELLING = text(
    """
    select c.relname, a.attname, p.proname from pg_index i join pg_class c on c.oid = i.indexrelid
    join pg_class t on t.oid = i.indrelid and t.relrowsecurity and t.relnamespace = current_schema()::regnamespace
    cross join generate_series(0, i.indnkeyatts - 1) n
    join pg_attribute a on a.attrelid = i.indexrelid and a.attnum = n + 1
    join pg_opclass o on o.oid = i.indclass[n] join pg_am m on m.oid = o.opcmethod and m.amname = 'btree'
    join pg_amop w on w.amopfamily = o.opcfamily and w.amoplefttype = o.opcintype and w.amoprighttype = o.opcintype
    join pg_operator q on q.oid = w.amopopr join pg_proc p on p.oid = q.oprcode
    where not p.proleakproof
    """
)


async def test_what_is_looked_up_by_index_is_looked_up_so_under_row_security(database: Database) -> None:
    async with database.engine.connect() as connection:
        found = {index for index, _, _ in await connection.execute(_TELLING)}
    assert found == {"one_import_of_a_file"}  # of a commissioner's file, by which nobody is looked up
