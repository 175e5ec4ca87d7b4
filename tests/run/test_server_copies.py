"""A server that is started anew goes on; a copy of its files from before, or one that took over, begins anew."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from domain.events.commands import ForeignLog, append_event, number_events, settle_epoch
from domain.events.queries import FeedPosition, feed_position
from integrations.linux.children import stop
from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import DATABASE, SUPERUSER, Cluster, open_cluster
from integrations.postgres.migrate import migrate

# Without a checkpoint more than what the one after a promotion writes in a moment.
_DIRTY = "create table busy as select n, repeat('x', 500) as text from generate_series(1, 100000) n"


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tendwell-copies-"))
    folder.chmod(0o711)
    yield folder
    cluster = open_cluster(folder, durable=False)
    for each in (cluster, copy_of(cluster)):
        each.stop_leftovers()
    shutil.rmtree(cluster.data.parent)  # elsewhere, where the tests run as root
    shutil.rmtree(folder, ignore_errors=True)


def copy_of(cluster: Cluster) -> Cluster:
    return replace(cluster, data=cluster.data.with_name("copy"))


@asynccontextmanager
async def serving(cluster: Cluster, *, how: signal.Signals = signal.SIGINT) -> AsyncIterator[Database]:
    """Yield the database of a server that runs as long as the block, and how it is stopped then."""
    server = cluster.start(log=None)
    try:
        while True:
            with suppress(OSError, asyncpg.PostgresError):
                await (await connect(cluster.url(SUPERUSER, user=SUPERUSER))).close()
                break
            assert server.poll() is None
            await asyncio.sleep(0.05)
        database = Database(cluster.url(), pooled=False)
        yield database
        await database.close()
    finally:
        stop(server, how, grace_seconds=30)


async def begun(cluster: Cluster) -> None:
    async with serving(cluster):
        await cluster.ensure_database()
        await migrate(cluster.url())


async def told(database: Database, events: int) -> FeedPosition:
    """Return where the feed stands when a relay has come, and so many events more are numbered."""
    for _ in range(events):
        async with database.writing() as session:
            await append_event(session, "test.happened")
    for _ in range(2):
        async with database.writing() as session:
            await settle_epoch(session)
        with suppress(ForeignLog):
            async with database.writing() as session:
                await number_events(session)
    async with database.reading() as session:
        position = await feed_position(session)
    assert position is not None
    return position


def copy_files(cluster: Cluster) -> Cluster:
    """Return a server of the same files as they are now."""
    copy = copy_of(cluster)
    subprocess.run(["cp", "-a", str(cluster.data), str(copy.data)], check=True)
    (copy.data / "sockets").unlink(missing_ok=True)
    return copy


async def test_after_a_start_every_cursor_is_good_and_in_a_copy_from_before_none_that_was_told_since(
    home: Path,
) -> None:
    cluster = open_cluster(home, durable=False)
    await begun(cluster)
    async with serving(cluster) as database:
        first = await told(database, 2)
    copy = copy_files(cluster)
    async with serving(cluster) as database:
        later = await told(database, 4)
        assert (later.number, later.epoch == first.epoch) == (6, False)
        assert later.knows(first.epoch, 2) and not later.knows(first.epoch, 3)
    async with serving(cluster) as database:
        again = await told(database, 0)
        assert again.knows(first.epoch, 2) and again.knows(later.epoch, 6)
    # What was told after the copy was made is nothing that it knows, though it has as many numbers by now.
    async with serving(copy) as database:
        restored = await told(database, 6)
        assert restored.number == 8
        assert restored.knows(first.epoch, 2)
        assert not restored.knows(first.epoch, 3) and not restored.knows(later.epoch, 3)


async def test_a_standby_that_takes_over_begins_a_new_epoch_at_once(home: Path) -> None:
    cluster = open_cluster(home, durable=False)
    await begun(cluster)
    async with serving(cluster) as database:
        before = await told(database, 1)
    async with serving(cluster, how=signal.SIGQUIT) as database:
        first = await told(database, 1)
        assert first.knows(before.epoch, 1)
        connection = await connect(cluster.url())
        await connection.execute(_DIRTY)
        await connection.close()
    standby = copy_files(cluster)
    (standby.data / "standby.signal").touch()
    async with serving(standby) as database:
        superuser = await connect(standby.url(DATABASE, user=SUPERUSER))
        assert await superuser.fetchval("select pg_is_in_recovery()")
        assert await superuser.fetchval("select pg_promote()")
        assert await superuser.fetchval("select timeline_id from pg_control_checkpoint()") == 1, "not told by it yet"
        await superuser.close()
        over = await told(database, 1)
        assert over.number == 3
        assert over.earlier == {}
        assert not over.knows(before.epoch, 1) and not over.knows(first.epoch, 2)
