"""Who is at work in a database that is to be migrated, where nodes and workers of before could not go on afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from alembic.script import Script
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.postgres.errors import ServiceAtWork

# A migration says in a module constant of this name why nodes and workers of before cannot work with what it leaves.
STOPS_SERVICE = "STOPS_SERVICE"
# Longer than PostgreSQL takes to see that processes which were just ended are gone.
GONE_WITHIN_SECONDS = 3.0
BESIDE_RUNNING_NODES = "--beside-running-nodes"
_LOOK_SECONDS = 0.2
# Names and counts alone: what they are is shown to every login.
_AT_WORK = text(
    "select application_name, count(*) from pg_stat_activity"
    " where datname = current_database() and application_name like 'tendwell-%' group by 1 order by 1"
)


def stops_service(script: Script) -> bool:
    """Return whether nodes and workers that do not know this migration cannot work with its schema."""
    return hasattr(script.module, STOPS_SERVICE)


async def require_nobody_at_work(
    connection: AsyncConnection, missing: Sequence[Script], gone_within_seconds: float, *, applied: bool = False
) -> None:
    """Raise ServiceAtWork where a migration is missing that stops the service, and nodes or workers are connected.

    Those that were just ended have so long to be gone. `applied`: whether others were applied before these.
    """
    stopping = [script.revision for script in missing if stops_service(script)]
    if not stopping:
        return
    give_up_at = time.monotonic() + gone_within_seconds
    while at_work := await _at_work(connection):
        if time.monotonic() > give_up_at:
            raise ServiceAtWork(
                f"Nodes and workers of before cannot work with the schema after migration {' and '.join(stopping)}, and"
                f" some are connected to this database: {at_work}. Stop all nodes and all workers, migrate, and start"
                f" those of this version; or migrate with {BESIDE_RUNNING_NODES}: those that run then answer 500, or"
                f" fail, until they are replaced. {'What came before stands' if applied else 'Nothing was applied'}."
            )
        await asyncio.sleep(_LOOK_SECONDS)


async def _at_work(connection: AsyncConnection) -> str:
    found = (await connection.execute(_AT_WORK)).all()
    await connection.commit()  # what PostgreSQL tells of others stays the same within a transaction
    return ", ".join(f"{name} ({count} {'connection' if count == 1 else 'connections'})" for name, count in found)
