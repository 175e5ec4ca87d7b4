"""Who works on the trail may append to it and never change it (AUTHZ-022)."""

from __future__ import annotations

import asyncpg
import pytest

from domain.clock import utc_now
from integrations.postgres.client import Database
from integrations.postgres.roles import Role
from tests.database.audit.stage import SECRETS, Trail

_APPENDED_ONLY = {"audit_event": "count", "audit_seal": "audit_id", "audit_stretch": "marks", "audit_checkpoint": "kid"}


@pytest.fixture
async def worker(trail: Trail) -> Database:
    """Return the trail's database as the worker has it: of all roles the one with the most rights there."""
    return Database(trail.database.url, pooled=False, role=Role.worker)


async def test_with_its_rights_rows_are_appended_sealed_and_signed(trail: Trail, worker: Database) -> None:
    trail.sealing.database = worker
    asking, trail.database = trail.database, worker
    await trail.write(10)
    await trail.seal()
    trail.database = asking
    assert (await trail.verify()).vouched_for == (await trail.ask("select count(*) from audit_event"))[0]
    assert (SECRETS, utc_now) == (trail.sealing.secrets, trail.sealing.clock)


@pytest.mark.parametrize("role", [Role.runtime, Role.identity, Role.aggregate, Role.worker])
@pytest.mark.parametrize("table", _APPENDED_ONLY)
@pytest.mark.parametrize("deed", ["update {} set {} = {}", "delete from {}", "truncate {}"])
async def test_what_is_appended_is_neither_changed_nor_deleted_nor_emptied(
    trail: Trail, role: Role, table: str, deed: str
) -> None:
    column = _APPENDED_ONLY[table]
    async with Database(trail.database.url, pooled=False, role=role).engine.connect() as connection:
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
