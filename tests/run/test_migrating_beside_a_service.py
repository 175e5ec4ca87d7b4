"""What `migrate` does beside nodes and workers that could not go on afterwards, and what such a node says of itself."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic import command

from integrations.postgres import online
from integrations.postgres.beside import BESIDE_RUNNING_NODES
from integrations.postgres.client import Database, connect
from integrations.postgres.errors import ServiceAtWork
from integrations.postgres.migrate import migrate
from integrations.postgres.online import Plan
from integrations.postgres.schema import revisions
from tests.live.processes import ROOT, Installation, Process, installation

PATIENCE_SECONDS = 30
OLD, STOPPING = "0076", "0077"
_WRITTEN = """
revision, down_revision, branch_labels, depends_on = "{number}", "{after}", None, None
{more}
def upgrade() -> None:
    pass
def downgrade() -> None:
    pass
"""


@pytest.fixture
def installed(committing_database: Database, tmp_path: Path) -> Iterator[Installation]:
    with installation(committing_database.url, tmp_path) as service:
        yield service


async def taken_down(database: Database, to: str) -> None:
    """Have the schema be one of before, as the version that runs beside `migrate` left it."""
    async with database.engine.connect() as connection:
        await connection.run_sync(lambda sync: command.downgrade(Plan().config(sync), to))
        await connection.commit()
    await database.engine.dispose()


async def asked(url: str, question: str) -> object:
    connection = await connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def revision(url: str) -> object:
    return await asked(url, "select version_num from alembic_version")


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await look():
            await asyncio.sleep(0.05)


async def connected(url: str, name: str) -> bool:
    question = "select count(*) > 0 from pg_stat_activity where datname = current_database() and application_name = "
    return bool(await asked(url, f"{question}'{name}'"))


async def migrated(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Return how the command ended, as those who run it by hand see it."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "api", "migrate", *options],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TENDWELL_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


async def test_beside_nodes_and_a_worker_that_could_not_go_on_nothing_is_applied_until_they_are_stopped(
    committing_database: Database, installed: Installation
) -> None:
    url = committing_database.url
    node, worker = installed.start_api(), installed.start_worker()
    await until(lambda: connected(url, "tendwell-api"))
    await until(lambda: connected(url, "tendwell-worker"))
    await taken_down(committing_database, OLD)
    for ending, at_work in ((node, ("tendwell-api", "tendwell-worker")), (worker, ("tendwell-worker",))):
        refused = await migrated(url)
        (line,) = refused.stderr.splitlines()
        assert (refused.returncode, refused.stdout, await revision(url)) == (1, "", OLD)
        assert line.startswith("ServiceAtWork: ") and f"migration {STOPPING}," in line
        assert tuple(re.findall(r"(tendwell-\w+) \(\d+ connections?\)", line)) == at_work
        assert "Stop all nodes and all workers" in line and BESIDE_RUNNING_NODES in line
        installed.stop(ending)
    done = await migrated(url)
    assert (done.returncode, await revision(url)) == (0, revisions()[-1]), done.stderr


async def test_whoever_says_so_migrates_beside_running_nodes(
    committing_database: Database, installed: Installation
) -> None:
    node = installed.start_api()
    await until(lambda: connected(committing_database.url, "tendwell-api"))
    await taken_down(committing_database, OLD)
    done = await migrated(committing_database.url, BESIDE_RUNNING_NODES)
    assert (done.returncode, await revision(committing_database.url)) == (0, revisions()[-1]), done.stderr
    assert node.popen.poll() is None


async def test_what_running_nodes_can_work_with_is_applied_beside_them(
    committing_database: Database, installed: Installation
) -> None:
    installed.start_api()
    await until(lambda: connected(committing_database.url, "tendwell-api"))
    await taken_down(committing_database, STOPPING)
    assert (await migrated(committing_database.url)).returncode == 0


async def test_nodes_that_were_just_ended_hold_nobody_up(committing_database: Database) -> None:
    await taken_down(committing_database, OLD)
    last = await connect(committing_database.url)
    await last.execute("set application_name = 'tendwell-api'")
    migrating = asyncio.create_task(migrate(committing_database.url, plan=Plan(gone_within_seconds=PATIENCE_SECONDS)))
    await until(lambda: connected(committing_database.url, "tendwell migrate"))
    await last.close()
    assert (await migrating).now == revisions()[-1]


@pytest.fixture
def later(tmp_path: Path) -> Callable[[int, int, str], Plan]:
    """Return what makes a plan with further migrations, of which each says `more`."""
    folder = tmp_path / "versions"
    folder.mkdir()

    def plan(number: int, after: int, more: str) -> Plan:
        written = _WRITTEN.format(number=number, after=after or revisions()[-1], more=more)
        (folder / f"{number}_of_a_test.py").write_text(written)
        return Plan(more=(folder,), gone_within_seconds=0.5)

    return plan


async def ready(node: Process) -> tuple[int, str]:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{node.url}/health/ready")
    return answer.status_code, str(answer.json().get("detail", ""))


async def test_a_node_whose_database_has_gone_where_it_cannot_follow_says_that_it_is_not_ready(
    committing_database: Database, installed: Installation, later: Callable[[int, int, str], Plan]
) -> None:
    url = committing_database.url
    node, _ = installed.start_api(), installed.start_worker()

    async def is_ready() -> bool:
        return (await ready(node))[0] == 200

    await until(is_ready)
    await migrate(url, plan=later(9000, 0, ""))
    assert await ready(node) == (200, "")
    plan = later(9001, 9000, "STOPS_SERVICE = 'The nodes of today cannot work with this.'")
    with pytest.raises(ServiceAtWork, match="migration 9001,.*tendwell-api.*tendwell-worker"):
        await migrate(url, plan=plan)
    assert (await revision(url), await ready(node)) == ("9000", (200, ""))
    await migrate(url, plan=Plan(more=plan.more, beside_running_nodes=True))
    status, why = await ready(node)
    assert (status, "cannot work with" in why) == (503, True)
    # And on, where the newest migration is again one that would do by itself.
    await migrate(url, plan=later(9002, 9001, ""))
    assert (await ready(node))[0] == 503


async def test_whoever_comes_while_others_are_applied_is_seen_before_what_they_could_not_work_with(
    committing_database: Database, later: Callable[[int, int, str], Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, attempted = committing_database.url, online._attempted
    late = await connect(url)

    async def meanwhile(*arguments: Any) -> Any:
        await late.execute("set application_name = 'tendwell-api'")
        return await attempted(*arguments)

    monkeypatch.setattr(online, "_attempted", meanwhile)
    later(9000, 0, "")
    plan = later(9001, 9000, "STOPS_SERVICE = 'The nodes of today cannot work with this.'")
    with pytest.raises(ServiceAtWork, match=r"migration 9001,.*tendwell-api.*What came before stands\."):
        await migrate(url, plan=plan)
    assert await revision(url) == "9000"
    monkeypatch.undo()
    await late.close()
    assert (await migrate(url, plan=plan)).now == "9001"


async def test_a_comment_of_somebody_else_s_is_no_reason_not_to_be_ready(
    committing_database: Database, installed: Installation
) -> None:
    node, _ = installed.start_api(), installed.start_worker()

    async def is_ready() -> bool:
        return (await ready(node))[0] == 200

    await until(is_ready)
    await asked(committing_database.url, "comment on table alembic_version is 'Do not touch. DBA'")
    assert await ready(node) == (200, "")


async def test_which_version_a_schema_needs_is_taken_back_with_the_migration(committing_database: Database) -> None:
    said = "select obj_description('alembic_version'::regclass)"
    for to, needs in (("0078", "0077"), ("0077", "0077"), ("0076", "0072"), ("0071", None)):
        await taken_down(committing_database, to)
        expected = None if needs is None else f"for versions that know migration {needs}"
        assert await asked(committing_database.url, said) == expected
