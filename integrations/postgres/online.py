"""Applies migrations beside a service in use: one at a time, none of which makes the others wait for long.

A migration that wants a table for itself queues behind whoever uses it, and everybody who comes later queues behind the
migration. So it waits a second at most, then lets the traffic go on and tries again, and says who holds the lock. Knows
where the migrations stand and how each says that it is not for beside a service; nothing else of what they say.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.postgres.beside import GONE_WITHIN_SECONDS, require_nobody_at_work
from integrations.postgres.client import Database
from integrations.postgres.errors import LockedOut, TookTooLong
from integrations.postgres.schema import revisions

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
LOCK_TIMEOUT_MS = 1_000
# A request waits for up to 10 s (TENDWELL_STATEMENT_TIMEOUT_MS) for a table that a statement has to itself.
STATEMENT_TIMEOUT_MS = 5_000
PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)
# From here on each migration keeps the rules of docs/operations.md, or says in NOT_ONLINE which not, and why.
FIRST_ONLINE = "0049"
# What stood before was changed after it was applied somewhere: what such a database holds nobody knows.
OLDEST_UPGRADED = "0013"
SLOW = "slow"
_LOOK_SECONDS = 0.1
_LOCK_NOT_AVAILABLE, _DEADLOCK, _CANCELLED = "55P03", "40P01", "57014"
_HOLDERS = text(
    "select a.pid, a.application_name, a.state, extract(epoch from clock_timestamp() - a.xact_start)::float as open_for"
    " from unnest(pg_blocking_pids(:waiting)) as blocking(pid) join pg_stat_activity a on a.pid = blocking.pid"
    " where a.pid <> :waiting order by a.xact_start nulls last"
)
_PID = text("select pg_backend_pid()")
_LOG = logging.getLogger("tendwell.migrate")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be applied: our migrations, and more of the same line that stand in other folders.

    `beside_running_nodes`: also what those that run cannot work with afterwards.
    """

    more: Sequence[Path] = ()
    pauses_seconds: Sequence[float] = PAUSES_SECONDS
    gone_within_seconds: float = GONE_WITHIN_SECONDS
    beside_running_nodes: bool = False

    def config(self, connection: Connection | None = None, *, statement_timeout_ms: int = 0) -> Config:
        """Return what Alembic wants to be told."""
        config = Config(attributes={"connection": connection, "statement_timeout_ms": statement_timeout_ms})
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        places = [str(MIGRATIONS / "versions"), *map(str, self.more)]
        config.set_main_option("version_locations", ":".join(places))
        return config

    def known(self) -> frozenset[str]:
        """Return the migrations that there are."""
        others = (path.name.partition("_")[0] for place in self.more for path in place.glob("[0-9]*.py"))
        return frozenset((*revisions(), *others))

    def missing(self, since: str) -> list[Script]:
        """Return the migrations after this one, in the order in which they are applied."""
        if since == revisions()[-1] and not self.more:
            return []  # found without reading them all
        directory = ScriptDirectory.from_config(self.config())
        return [*reversed([*directory.iterate_revisions("head", since)])]


@dataclass(slots=True)
class _Holders:
    """Who was last seen to hold what a migration waits for: never what they do, which may name a person."""

    lock_holders: str = field(default="nobody who could be seen")

    async def watch(self, database: Database, waiting: int) -> None:
        """Look again and again, until cancelled."""
        async with database.engine.connect() as connection:
            while True:
                found = (await connection.execute(_HOLDERS, {"waiting": waiting})).all()
                await connection.rollback()
                if found:
                    self.lock_holders = "; ".join(_told(*row) for row in found)
                await asyncio.sleep(_LOOK_SECONDS)


def _told(pid: int, application: str, state: str | None, open_for: float | None) -> str:
    # Of another login's connections PostgreSQL tells the rest only to whoever may pg_read_all_stats.
    known = [application or "unnamed", *([state] if state else [])]
    if open_for is not None:
        known.append(f"in a transaction for {open_for:.1f} s")
    return f"pid {pid} ({', '.join(known)})"


async def apply(database: Database, connection: AsyncConnection, since: str | None, plan: Plan) -> None:
    """Apply what is missing. Raises LockedOut and TookTooLong; what was applied before stands, the rest can follow.

    Raises ServiceAtWork for nodes and workers that could not go on: for those that are there, before anything is
    applied; for those that come meanwhile, before what they could not work with.

    `since`: the migration at which the schema is; None: there is nothing in the database, and nobody to be held up.
    """
    if since is None:
        await connection.run_sync(_upgrade, plan, "head", 0)
        await connection.commit()
        return
    missing = plan.missing(since)
    for place, script in enumerate(missing):
        if not plan.beside_running_nodes:
            # First of all before anything is applied; then of each, for somebody may have come meanwhile.
            asked_of = [script] if place else missing
            await require_nobody_at_work(connection, asked_of, plan.gone_within_seconds, applied=place > 0)
        for pause in (*plan.pauses_seconds, None):
            holders = await _attempted(database, connection, script, plan)
            if holders is None:
                break
            revision = script.revision
            if pause is None:
                raise LockedOut(
                    f"Migration {revision} did not get its lock, {len(plan.pauses_seconds) + 1} times. The last to hold"
                    f" it: {holders.lock_holders}. End that, or migrate at a quieter time; nodes serve on, and what was"
                    " applied before stands."
                )
            _LOG.warning(
                "migration %s did not get its lock, and let the traffic go on; held by %s; again in %g s",
                revision,
                holders.lock_holders,
                pause,
            )
            await asyncio.sleep(pause)


async def _attempted(database: Database, connection: AsyncConnection, script: Script, plan: Plan) -> _Holders | None:
    """Return who was in the way, or None: the migration is applied."""
    limit = 0 if _may_be_slow(script) else STATEMENT_TIMEOUT_MS
    async with _watching(database, connection) as holders:
        try:
            await connection.run_sync(_upgrade, plan, script.revision, limit)
        except DBAPIError as error:
            await connection.rollback()
            code = getattr(error.orig, "sqlstate", None)
            if code in {_LOCK_NOT_AVAILABLE, _DEADLOCK}:
                return holders
            if code == _CANCELLED and limit:
                raise TookTooLong(
                    f"A statement of migration {script.revision} took longer than {limit / 1000:g} s, in which others "
                    "wait for it: it is undone. See docs/operations.md, “Migrations beside a service in use”."
                ) from None
            raise
        await connection.commit()
    return None


def _may_be_slow(script: Script) -> bool:
    return script.revision < FIRST_ONLINE or SLOW in getattr(script.module, "NOT_ONLINE", {})


@asynccontextmanager
async def _watching(database: Database, connection: AsyncConnection) -> AsyncIterator[_Holders]:
    waiting = int((await connection.execute(_PID)).scalar_one())
    await connection.commit()
    holders = _Holders()
    watch = asyncio.create_task(holders.watch(database, waiting))
    try:
        yield holders
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


def _upgrade(connection: Connection, plan: Plan, revision: str, statement_timeout_ms: int) -> None:
    command.upgrade(plan.config(connection, statement_timeout_ms=statement_timeout_ms), revision)
