"""One PostgreSQL server for each worker of a run, migrated once, cloned as often as needed.

`session` is rolled back after each test. A test that must commit says so by asking for `committing_database`.
Where a test asks for `cast`, they stand in its database, committed before it began; elsewhere it is empty.
The server is fast, not durable; a test of durability starts its own with `durable_cluster`.
"""

from __future__ import annotations

import asyncio
import copy
import gc
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from sqlmodel.ext.asyncio.session import AsyncSession
from xdist.remote import Producer

from api.passwords import Passwords
from integrations.linux.children import stop
from integrations.postgres.client import Database, Session
from integrations.postgres.embedded import Cluster, open_cluster
from integrations.postgres.limits import Limits
from tests.cast import PASSWORD, Cast, assemble, just_now
from tests.databases import EMPTY, StandingDatabase, Troupe, Troupes, clone, drop, make_empty_template
from tests.live.born import in_a_nursery
from tests.postgres_keeper import READY
from tests.scheduling import Scheduling, longest_first
from tests.stage import serving_stage

# A machine under load is no reason for a property to fail. Whoever runs a test by itself has new cases drawn each time;
# `make test` has the same ones, so what passed passes again until something is changed (tests/every_check.py).
hypothesis_settings.register_profile("tendwell", deadline=None)
hypothesis_settings.register_profile("same_cases", deadline=None, derandomize=True)
hypothesis_settings.load_profile("tendwell")

SERVER_START_SECONDS = 60
MEMORY = Path("/dev/shm")  # a folder of our own is made in it, under a name that nobody knows before
ROOM_BYTES = 3 * 2**30  # three servers hold a third of a GiB each; as much again stays free
ROOT = Path(__file__).resolve().parents[1]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Return what hands the tests out."""
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Return what collecting returns. What it makes stays until the end: to look for garbage in it took half its time.

    Nor is it looked through again while the tests run, as `gc.freeze` has it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in the order in which they are handed out."""
    longest_first(items)


@pytest.fixture(scope="session", autouse=True)
def nursery() -> Iterator[None]:
    """Have each process of an installation be born by one that has loaded everything: a start costs a tenth so."""
    with in_a_nursery():
        yield


@pytest.fixture(scope="session")
def cluster(testrun_uid: str, worker_id: str) -> Cluster:
    """Return the worker's own server, with a migrated template database.

    Not one for all workers: transaction ids are the whole server's, so that one test's open transaction would hold
    back the events of another test, in another database, for as long as it lasts.
    """
    home = _roomy_memory() / f"tendwell-test-{testrun_uid[:12]}-{worker_id}"
    home.mkdir(mode=0o711)
    _start_keeper(home)
    cluster = open_cluster(home, durable=False)
    asyncio.run(make_empty_template(cluster))
    return cluster


def _roomy_memory() -> Path:
    """Return the folder that is kept in memory, where there is one with room: a clone there costs a sixth."""
    try:
        room = shutil.disk_usage(MEMORY).free
    except OSError:
        room = 0
    return MEMORY if room >= ROOM_BYTES else Path(tempfile.gettempdir())


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
    return asyncio.run(clone(cluster, f"worker_{worker_id}"))


@pytest.fixture(scope="session")
def troupes(cluster: Cluster) -> Troupes:
    """Return the worker's troupes."""
    return Troupes(cluster)


@pytest.fixture(scope="session")
def everybody(troupes: Troupes, password_hash: str) -> Troupe:
    """Return the cast since a moment before the worker's first test with them; each signs in with PASSWORD."""

    async def assembled(session: AsyncSession) -> Cast:
        return await assemble(session, just_now(), password_hash)

    return troupes.assembled_by(assembled)


@pytest.fixture(scope="session")
def troupe(everybody: Troupe) -> Troupe:
    """Return those whom `cast` gives; a folder of tests may choose others."""
    return everybody


@pytest.fixture
def cast(troupe: Troupe) -> Cast:
    """Return the cast of the test's database, which the test may change for itself."""
    return copy.deepcopy(troupe.cast)


@pytest.fixture
def standing_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of the worker's database: the one with the cast in it, where the test has to do with them."""
    if "cast" not in request.fixturenames:
        return str(request.getfixturevalue("database_url"))
    troupe: Troupe = request.getfixturevalue("troupe")
    return troupe.url


@pytest.fixture
def template(request: pytest.FixtureRequest) -> str:
    """Return what `committing_database` is a clone of: with the cast in it, where the test has to do with them."""
    if "cast" not in request.fixturenames:
        return EMPTY
    troupe: Troupe = request.getfixturevalue("troupe")
    return troupe.template


@pytest.fixture(scope="session")
def standing_databases() -> dict[str, StandingDatabase]:
    """Return the worker's databases by URL: what statements compile to is worked out once for all tests."""
    return {}


@pytest.fixture
async def database(standing_url: str, standing_databases: dict[str, StandingDatabase]) -> AsyncIterator[Database]:
    """Yield the worker's database. A test that commits must ask for `committing_database` instead."""
    database = standing_databases.get(standing_url) or StandingDatabase(standing_url)
    standing_databases[standing_url] = database
    yield database
    await database.rest()


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """Yield a session whose commits are savepoints in a transaction that is rolled back after the test."""
    async with database.engine.connect() as connection:
        outer = await connection.begin()
        async with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        await outer.rollback()


@pytest.fixture
async def committing_database(cluster: Cluster, template: str) -> AsyncIterator[Database]:
    """Yield a fresh migrated database of the test's own, dropped afterwards. Its `url` may be given to processes."""
    name = f"test_{uuid.uuid4().hex}"
    url = await clone(cluster, name, template)
    database = Database(url, Limits(pool_size=40))  # forty at once, and none waits for a place
    yield database
    await database.close()
    await drop(cluster, name)


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
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yield the address of the application in a process of its own, with the cast in it: see `tests/stage.py`."""
    url = asyncio.run(clone(cluster, f"served_{worker_id}", everybody.template))
    with serving_stage(url, everybody.cast, tmp_path_factory.mktemp("stage")) as stage:
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
