"""One installation for a worker's live tests: two API processes and a worker on a database where the cast stands."""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from integrations.postgres.client import Database
from integrations.postgres.embedded import Cluster
from tests.cast import PASSWORD, Cast
from tests.databases import Troupe, clone
from tests.live.client import Caller
from tests.live.processes import Installation, Process, installation

# A run may last longer than the quarter of an hour for which an access token is good; a test takes no third of it.
GOOD_FOR_SECONDS = 600


@dataclass
class Scene:
    """What every live test has: the processes, the cast, and a way to sign in as any of them."""

    installed: Installation
    apis: list[Process]
    cast: Cast
    callers: dict[str, tuple[Caller, float]] = field(default_factory=dict)

    async def signed_in(self, http: httpx.AsyncClient, name: str) -> Caller:
        """Return the named account's caller, who signs in the first time, and again before the token lapses."""
        caller, until = self.callers.get(name, (None, 0.0))
        if caller is None or time.monotonic() > until:
            caller, until = await self.signed_in_afresh(http, name), time.monotonic() + GOOD_FOR_SECONDS
            self.callers[name] = caller, until
        return caller

    async def signed_in_afresh(self, http: httpx.AsyncClient, name: str) -> Caller:
        """Return a caller with a session of its own, which the test may end."""
        answer = await http.post(
            f"{self.apis[0].url}/v1/sessions", json={"email": f"{name}@example.test", "password": PASSWORD}
        )
        assert answer.status_code == 201, answer.text
        return Caller(answer.json()["access_token"])

    def patient(self, name: str) -> UUID:
        """Return the id of a patient of the cast."""
        return self.cast.patients[name]


@pytest.fixture(scope="package")
def scene(
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """Yield a running installation, which ends with the last test here; tests change what only they look at."""
    url = asyncio.run(clone(cluster, f"live_{worker_id}", everybody.template))
    with installation(url, tmp_path_factory.mktemp("live")) as installed:
        installed.start_worker()
        apis = installed.start_apis(2)
        for api in apis:  # until the worker has begun, a socket is asked to come back later
            api.wait_until_ready()
        yield Scene(installed, apis, copy.deepcopy(everybody.cast))


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that keeps its connections for the test."""
    async with httpx.AsyncClient(timeout=30) as client:
        yield client


@pytest.fixture
async def live_database(scene: Scene) -> AsyncIterator[Database]:
    """Yield the installation's database, for what cannot be done over the API."""
    database = Database(scene.installed.database_url)
    yield database
    await database.close()


async def long_ago(database: Database) -> None:
    """Have every change of access so far, of other tests, lie more than a minute back."""
    async with database.writing() as session:
        await session.execute(
            text("update event_feed set numbered_at = numbered_at - interval '1 hour' where kind = 'access.changed'")
        )
