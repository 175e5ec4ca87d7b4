"""How the rows ask whether somebody may see them: of a hash, not of an array from end to end; and back again."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.postgres.client import Database
from integrations.postgres.online import MIGRATIONS
from tests.cast import Cast

# Within a question that is asked anew for each row, a hash would be made anew as well.
_END_TO_END = text(
    "select tablename, policyname from pg_policies where concat(qual, with_check) !~ 'EXISTS'"
    " and concat(qual, with_check) ~ '= ANY .. SELECT (visible|readable|writable)_patients'"
)
_POLICIES = text("select tablename, policyname, qual, with_check from pg_policies order by 1, 2")
_INDEXES = text("select indexname, indexdef from pg_indexes where tablename = 'observation' order by 1")


async def test_no_row_is_compared_with_all_whom_somebody_may_see(session: AsyncSession) -> None:
    assert (await session.execute(_END_TO_END)).all() == []


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
async def test_a_database_that_goes_back_before_the_hash_and_on_again_has_the_same_rules_and_indexes(
    committing_database: Database, cast: Cast
) -> None:
    async def standing() -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
        async with committing_database.writing() as session:
            return (
                [tuple(row) for row in await session.execute(_POLICIES)],
                [tuple(row) for row in await session.execute(_INDEXES)],
            )

    async def moved(revision: str, by: str) -> None:
        def move(connection: Connection) -> None:
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(MIGRATIONS))
            config.set_main_option("path_separator", "os")
            getattr(command, by)(config, revision)

        async with committing_database.engine.connect() as connection:
            await connection.run_sync(move)
            await connection.commit()

    at_head = await standing()
    await moved("0041", "downgrade")
    try:
        policies, indexes = await standing()
        assert (set(policies) & set(at_head[0]), indexes) != (set(at_head[0]), at_head[1])
        assert not any("unnest" in f"{row}" for row in policies)
        assert "observation_current" in [name for name, _ in indexes]
    finally:
        await moved("head", "upgrade")
    assert await standing() == at_head
