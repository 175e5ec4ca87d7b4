"""What faults are brought upon: a durable PostgreSQL of its own, NATS, API processes and workers, and the cast in them.

Knows how to start, end and kill each part, by its process id. Refuses to know who sends or watches.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from api.passwords import Passwords
from integrations.linux.children import stop
from integrations.postgres.client import Database
from integrations.postgres.embedded import Cluster, open_cluster
from integrations.postgres.migrate import migrate
from tests.cast import PASSWORD, Cast, assemble, just_now
from tests.live.nats_server import NatsServer
from tests.live.processes import Installation, Process, installation

STOP_SECONDS = 20


@dataclass
class Site:
    """A running installation whose parts may die. `apis` and `workers` are those that run.

    `leniency`: by what every promise of a time is multiplied, on a machine that does much else at the same time.
    `pause_seconds`: how long a device rests between two batches.
    """

    folder: Path
    cluster: Cluster
    installed: Installation
    cast: Cast
    nats: NatsServer
    server: subprocess.Popen[bytes]
    apis: list[Process] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)
    leniency: float = 1.0
    pause_seconds: float = 0.05

    def database(self) -> Database:
        """Return the database as its owner sees it, for the oracle; to be closed."""
        return Database(self.cluster.url())

    async def start_apis(self, how_many: int, **environment: str) -> None:
        """Have more API processes serve."""
        self.apis += await asyncio.to_thread(self.installed.start_apis, how_many, **environment)

    async def start_variant(self, module: str, **environment: str) -> Process:
        """Return one more API process, of another making."""
        self.apis.append(await asyncio.to_thread(self.installed.start_variant, module, **environment))
        return self.apis[-1]

    async def start_worker(self, **environment: str) -> Process:
        """Return one more worker; it may not have begun its work yet."""
        self.workers.append(await asyncio.to_thread(self.installed.start_worker, **environment))
        return self.workers[-1]

    async def kill_api(self, doomed: Process) -> None:
        """End an API process as a power cut would."""
        self.apis.remove(doomed)
        await asyncio.to_thread(self.installed.kill, doomed)

    async def stop_api(self, process: Process) -> bool:
        """Return whether an API process ended by itself when told to."""
        self.apis.remove(process)
        return await asyncio.to_thread(self.installed.stop, process)

    async def restart_api(self, dead: Process) -> None:
        """Start an API process where one has died, as whatever supervises it would."""
        self.apis.append(await asyncio.to_thread(self.installed.start_api, dead.port))

    async def kill_worker(self, doomed: Process) -> None:
        """End a worker as a power cut would."""
        self.workers.remove(doomed)
        await asyncio.to_thread(self.installed.kill, doomed)

    async def kill_postgres(self) -> None:
        """End every process of the server at once: what stood in its memory is gone."""
        await asyncio.to_thread(kill_server, self.cluster, self.server)

    async def stop_postgres(self) -> None:
        """End the server in the fast way, as a planned restart does: sessions are cut off."""
        await asyncio.to_thread(stop, self.server, signal.SIGINT, grace_seconds=STOP_SECONDS)

    async def start_postgres(self) -> None:
        """Start the server again, and return when it takes connections."""
        self.server = await asyncio.to_thread(started, self.cluster, self.folder)


def kill_server(cluster: Cluster, server: subprocess.Popen[bytes]) -> None:
    """Have nothing be left of a server; none of its processes sees another die, and does something about it."""
    with suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGSTOP)
    for pid in sorted(cluster.leftovers(), key=lambda pid: pid == server.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.wait(STOP_SECONDS)
    cluster.stop_leftovers()


@asynccontextmanager
async def standing_site(home: Path | None = None, *, apis: int = 2, **environment: str) -> AsyncIterator[Site]:
    """Yield a site with its API processes and one worker; whatever runs of it ends with the block.

    `home` is where the data stands: an empty folder, a temporary one if none is named. `environment`: further settings,
    without their prefix.
    """
    with tempfile.TemporaryDirectory(prefix="tendwell-faults-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o711)
        cluster = await asyncio.to_thread(open_cluster, home or folder)
        server = await asyncio.to_thread(started, cluster, folder)
        site: Site | None = None
        try:
            await cluster.ensure_database()
            await migrate(cluster.url())
            cast = await _assembled(cluster.url())
            with NatsServer(folder) as nats:
                settings = {"NATS_URL": nats.url} | environment
                with installation(cluster.url(), folder, **settings) as installed:
                    site = Site(folder, cluster, installed, cast, nats, server)
                    await site.start_worker()
                    await site.start_apis(apis)
                    yield site
        finally:
            stop(site.server if site else server, signal.SIGQUIT, grace_seconds=5)
            cluster.stop_leftovers()


def started(cluster: Cluster, folder: Path) -> subprocess.Popen[bytes]:
    """Return a server that takes connections."""
    server = cluster.start(folder / "postgres.log")
    cluster.wait_until_ready(server)
    return server


async def _assembled(url: str) -> Cast:
    passwords, database = Passwords(), Database(url)
    try:
        password_hash = await passwords.hash(PASSWORD)
        async with database.writing() as session:
            return await assemble(session, just_now(), password_hash)
    finally:
        await database.close()
        passwords.close()
