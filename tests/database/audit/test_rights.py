"""The runtime role may append to the trail and never change it (AUTHZ-022); these are all the rights it needs there."""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg
import pytest

from domain.clock import utc_now
from integrations.postgres.client import Database
from integrations.postgres.embedded import Cluster
from tests.database.audit.stage import SECRETS, Trail

# What a runtime role is to be granted; the migration that makes the roles grants exactly this on these tables.
RUNTIME_RIGHTS = {
    "audit_event": {"SELECT", "INSERT"},
    "audit_seal": {"SELECT", "INSERT"},
    "audit_checkpoint": {"SELECT", "INSERT"},
    "audit_log": {"SELECT", "INSERT", "UPDATE"},  # one row: where the sealing stands
    "audit_removal": {"SELECT"},  # who removes old rows by policy is the owner
}
_APPENDED_ONLY = ("audit_event", "audit_seal", "audit_checkpoint")


@pytest.fixture
async def runtime(trail: Trail, cluster: Cluster) -> Database:
    """Return the trail's database as a role that has these rights and no others."""
    name = "audit_runtime"
    await trail.superuser.execute(f"drop role if exists {name}")
    await trail.superuser.execute(f"create role {name} login nosuperuser nobypassrls")
    for table, rights in RUNTIME_RIGHTS.items():
        await trail.superuser.execute(f"grant {', '.join(sorted(rights))} on {table} to {name}")
    await trail.superuser.execute(f"grant select, insert on key to {name}")
    return Database(cluster.url(urlsplit(trail.database.url).path.lstrip("/"), user=name), pooled=False)


async def test_with_these_rights_rows_are_appended_sealed_and_signed(trail: Trail, runtime: Database) -> None:
    trail.sealing.database = runtime
    asking, trail.database = trail.database, runtime
    await trail.write(10)
    await trail.seal()
    trail.database = asking
    assert (await trail.verify()).vouched_for == (await trail.ask("select count(*) from audit_event"))[0]
    assert (SECRETS, utc_now) == (trail.sealing.secrets, trail.sealing.clock)


@pytest.mark.parametrize("table", _APPENDED_ONLY)
@pytest.mark.parametrize("deed", ["update {} set {} = {}", "delete from {}", "truncate {}"])
async def test_what_is_appended_is_neither_changed_nor_deleted_nor_emptied(
    trail: Trail, runtime: Database, table: str, deed: str
) -> None:
    column = {"audit_event": "count", "audit_seal": "audit_id", "audit_checkpoint": "kid"}[table]
    async with runtime.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert isinstance(raw, asyncpg.Connection)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await raw.execute(deed.format(table, column, column))


async def test_no_row_gets_a_number_of_its_writer_s_choice(trail: Trail) -> None:
    with pytest.raises(asyncpg.GeneratedAlwaysError):
        await trail.superuser.execute(
            "insert into audit_event (id, at, account_id, action, request_id)"
            " values (5, now(), gen_random_uuid(), 'x.y', 'forged')"
        )
