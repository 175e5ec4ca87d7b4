"""One PostgreSQL server for each worker of a run, migrated once, cloned as often as needed.

`session` is rolled back after each test. A test that must commit says so by asking for `committing_database`.
The server is fast, not durable; a test of durability starts its own with `durable_cluster`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from sqlmodel.ext.asyncio.session import AsyncSession

from api.passwords import Passwords
from integrations.linux.children import stop
from integrations.postgres.client import Database, Limits, Session, connect
from integrations.postgres.embedded import SUPERUSER, Cluster, open_cluster
from integrations.postgres.migrate import migrate
from tests.cast import PASSWORD
from tests.postgres_keeper import READY
from tests.stage import assembled, serving_stage

# A machine under load is no reason for a property to fail.
hypothesis_settings.register_profile("tendwell", deadline=None)
hypothesis_settings.load_profile("tendwell")

TEMPLATE = "tendwell_template"
SERVER_START_SECONDS = 60
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def cluster(testrun_uid: str, worker_id: str) -> Cluster:
    """Return the worker's own server, with a migrated template database.

    Not one for all workers: transaction ids are the whole server's, so that one test's open transaction would hold
    back the events of another test, in another database, for as long as it lasts.
    """
    home = Path(tempfile.gettempdir()) / f"tendwell-test-{testrun_uid[:12]}-{worker_id}"
    home.mkdir(mode=0o711)
    _start_keeper(home)
    cluster = open_cluster(home, durable=False)
    asyncio.run(cluster.ensure_database(TEMPLATE))
    asyncio.run(migrate(cluster.url(TEMPLATE)))
    return cluster


def _start_keeper(home: Path) -> None:
    """Return when the server is ready. Spawned without a Popen, which would complain when we end before the keeper."""
    pytest_pid = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    log = home / "keeper.log"
    keeper = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "tests.postgres_keeper", str(home), str(pytest_pid)],
        os.environ | {"PYTHONPATH": str(ROOT)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setpgroup=0,
    )
    give_up_at = time.monotonic() + SERVER_START_SECONDS
    while not (home / READY).exists():
        if os.waitpid(keeper, os.WNOHANG) != (0, 0) or time.monotonic() > give_up_at:
            pytest.exit(f"The test server did not start: {log.read_text()}", returncode=3)
        time.sleep(0.02)


@pytest.fixture(scope="session")
def database_url(cluster: Cluster, worker_id: str) -> str:
    """Return the URL of this worker's own migrated database. Tests leave it as they found it."""
    name = f"worker_{worker_id}"
    asyncio.run(clone(cluster, name))
    return cluster.url(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Yield the worker's database. A test that commits must ask for `committing_database` instead."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """Yield a session whose commits are savepoints in a transaction that is rolled back after the test."""
    async with database.engine.connect() as connection:
        outer = await connection.begin()
        async with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        await outer.rollback()


@pytest.fixture
async def committing_database(cluster: Cluster) -> AsyncIterator[Database]:
    """Yield a fresh migrated database of the test's own, dropped afterwards. Its `url` may be given to processes."""
    name = f"test_{uuid.uuid4().hex}"
    await clone(cluster, name)
    database = Database(cluster.url(name), Limits(pool_size=40))  # forty at once, and none waits for a place
    yield database
    await database.close()
    await _as_superuser(cluster, f'drop database "{name}" with (force)')


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Return PASSWORD hashed, once a run: it costs 50 ms."""

    async def hashed() -> str:
        passwords = Passwords()
        try:
            return await passwords.hash(PASSWORD)
        finally:
            passwords.close()

    return asyncio.run(hashed())


@pytest.fixture(scope="session")
def stage_server(
    cluster: Cluster, worker_id: str, password_hash: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yield the address of the application in a process of its own, with the cast in it: see `tests/stage.py`."""
    name = f"served_{worker_id}"
    asyncio.run(clone(cluster, name))
    cast = asyncio.run(assembled(cluster.url(name), password_hash))
    with serving_stage(cluster.url(name), cast, tmp_path_factory.mktemp("stage")) as stage:
        yield stage.api.url


@pytest.fixture
async def durable_cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """Yield a server of the test's own that keeps what it acknowledged, with an empty database."""
    with tempfile.TemporaryDirectory(prefix="tendwell-durable-") as folder:
        Path(folder).chmod(0o711)
        cluster = open_cluster(Path(folder))
        server = cluster.start(Path(folder) / "log")
        try:
            cluster.wait_until_ready(server)
            await cluster.ensure_database()
            yield cluster
        finally:
            stop(server, signal.SIGQUIT, grace_seconds=5)
            cluster.stop_leftovers()


@pytest.fixture
def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def clone(cluster: Cluster, name: str) -> None:
    await _as_superuser(cluster, f'create database "{name}" template "{TEMPLATE}" owner tendwell')


async def _as_superuser(cluster: Cluster, statement: str) -> None:
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await connection.execute(statement)
    await connection.close()
