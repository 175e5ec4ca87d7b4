"""Migrating beside a service in use: who waits for a lock lets the traffic go on, and says who holds it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import Cluster
from integrations.postgres.errors import LockedOut, TookTooLong
from integrations.postgres.limits import Limits
from integrations.postgres.migrate import Migrated, migrate
from integrations.postgres.online import Plan
from integrations.postgres.schema import revisions
from tests.cast import PASSWORD, Cast
from tests.databases import Troupe, clone, drop
from tests.live.client import Caller
from tests.live.processes import Process, installation
from tests.live.readings import readings

PATIENCE_SECONDS = 60
QUICKLY = (0.3, 0.3, 0.3)
# What it holds is bounded by nothing but the test.
_PATIENT = Limits(statement_timeout_ms=0, idle_in_transaction_timeout_ms=0, application_name="a report")
_COLUMN = "op.execute('alter table observation add column shade text')"
_INDEX = "index_concurrently('observation_by_shade', 'on observation (value) where value > 200')"
_SLOW = "op.execute('lock table goal'); op.execute('select pg_sleep(30)')"
_WRITTEN = """
from alembic import op
from migrations.online import index_concurrently
revision, down_revision, branch_labels, depends_on = "{number}", "{after}", None, None
def upgrade() -> None:
    {what}
def downgrade() -> None:
    pass
"""


@dataclass
class Scene:
    """A node in use, and folders of migrations that it does not know."""

    url: str
    api: Process
    cast: Cast
    folder: Path

    def plan(self, *whats: str) -> Plan:
        """Return a plan with migrations that do these, after all of ours."""
        after = revisions()[-1]
        for number, what in enumerate(whats, start=9000):
            written = _WRITTEN.format(number=number, after=after, what=what)
            (self.folder / f"{number}_of_a_test.py").write_text(written)
            after = str(number)
        return Plan(more=(self.folder,), pauses_seconds=QUICKLY)


@pytest.fixture
def scene(cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path: Path) -> Iterator[Scene]:
    name = f"migrating_under_load_{worker_id}"
    url = asyncio.run(clone(cluster, name, everybody.template))
    (tmp_path / "versions").mkdir()
    with installation(url, tmp_path) as installed:
        yield Scene(url, installed.start_api(), everybody.cast, tmp_path / "versions")
    asyncio.run(drop(cluster, name))


@dataclass
class Traffic:
    """Somebody who sends a reading, waits for the answer, and sends the next."""

    answers: list[int] = field(default_factory=list)

    async def goes_on(self, by: int = 3) -> None:
        """Return when a few more were answered."""
        reached = len(self.answers) + by
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.answers) < reached:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def traffic(scene: Scene) -> AsyncIterator[Traffic]:
    """Yield traffic for as long as the block lasts; all of it must have been answered well."""
    going = Traffic()
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as http:
        signed_in = await http.post(
            f"{scene.api.url}/v1/sessions", json={"email": "sam_himself@example.test", "password": PASSWORD}
        )
        sam = Caller(signed_in.json()["access_token"])
        route = f"{scene.api.url}/v1/patients/{scene.cast.patients['sam_at_home']}/observations"

        async def send() -> None:
            while True:
                going.answers.append((await http.post(route, json=readings(), headers=sam.headers)).status_code)

        sending = asyncio.create_task(send())
        await going.goes_on()
        yield going
        await going.goes_on()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert set(going.answers) == {201}


@asynccontextmanager
async def held(scene: Scene, statement: str) -> AsyncIterator[int]:
    """Yield the process id of a transaction that has done this, and stays open."""
    connection = await connect(scene.url, _PATIENT)
    await connection.execute("begin")
    await connection.execute(statement)
    try:
        yield connection.get_server_pid()
    finally:
        await connection.close()


async def revision_of(scene: Scene) -> str:
    database = Database(scene.url)
    async with database.reading() as session:
        found = str(await session.scalar(text("select version_num from alembic_version")))
    await database.close()
    return found


async def told(caplog: pytest.LogCaptureFixture, times: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while sum("let the traffic go on" in record.message for record in caplog.records) < times:
            await asyncio.sleep(0.05)


HOLD = "update observation set note = note where patient_id = (select id from patient limit 1)"


async def test_traffic_goes_on_while_a_migration_waits_for_a_lock_and_is_told_who_holds_it(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="tendwell.migrate"):
        async with traffic(scene) as going:
            async with held(scene, "lock table observation in row exclusive mode") as pid:
                migrating = asyncio.create_task(migrate(scene.url, plan=scene.plan(_COLUMN)))
                for times in (1, 2):
                    await told(caplog, times)
                    await going.goes_on()
            done = await migrating
    assert done == Migrated(revisions()[-1], "9000", has_let_in=False)
    assert f"held by pid {pid} (a report, idle in transaction, in a transaction for " in caplog.text
    assert "lock table" not in caplog.text


async def test_who_never_gets_the_lock_gives_up_and_keeps_what_was_applied_before(scene: Scene) -> None:
    plan = scene.plan("op.execute('create table shade (id int)')", _COLUMN)
    async with traffic(scene):
        async with held(scene, "lock table observation in row exclusive mode") as pid:
            with pytest.raises(LockedOut, match=f"4 times. The last to hold it: pid {pid} "):
                await migrate(scene.url, plan=plan)
            assert await revision_of(scene) == "9000"
        assert (await migrate(scene.url, plan=Plan(more=plan.more))).now == "9001"


async def test_an_index_is_made_while_its_table_is_written_whoever_has_a_transaction_open(scene: Scene) -> None:
    async with traffic(scene) as going:
        async with held(scene, "lock table observation in row exclusive mode"):
            migrating = asyncio.create_task(migrate(scene.url, plan=scene.plan(_INDEX)))
            await going.goes_on(20)
            assert not migrating.done()
        assert (await migrating).now == "9000"
    database = Database(scene.url)
    async with database.reading() as session:
        is_valid = text("select indisvalid from pg_index where indexrelid = 'observation_by_shade'::regclass")
        assert await session.scalar(is_valid)
    await database.close()


async def test_a_statement_that_would_keep_others_waiting_is_undone(scene: Scene) -> None:
    with pytest.raises(TookTooLong, match="9000 took longer than 5 s"):
        await migrate(scene.url, plan=scene.plan(_SLOW))
    assert await revision_of(scene) == revisions()[-1]


async def test_two_that_migrate_at_once_do_not_wait_for_each_other_s_index(scene: Scene) -> None:
    plan = scene.plan(_INDEX)
    async with asyncio.timeout(PATIENCE_SECONDS):
        both = await asyncio.gather(migrate(scene.url, plan=plan), migrate(scene.url, plan=plan))
    assert sorted(done.before or "" for done in both) == [revisions()[-1], "9000"]
