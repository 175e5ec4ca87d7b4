"""An installation to browse (two API processes, a worker, the cast and their records), and a browser for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser

from integrations.postgres.embedded import Cluster
from tests.browser.cable import Cable, cable
from tests.browser.chromium import chromium
from tests.browser.journey import DESK, Journey, journey
from tests.browser.records import Api, set_records
from tests.cast import Cast
from tests.conftest import clone
from tests.live.processes import Process, installation
from tests.stage import assembled

StartJourney = Callable[..., Journey]


@dataclass
class Place:
    """Where the console is: `here` serves the browser; what happens `elsewhere` reaches it by the database alone."""

    here: Process
    elsewhere: Process
    cast: Cast
    signed_in: dict[str, Api] = field(default_factory=dict)

    def elsewhere_as(self, name: str) -> Api:
        """Return the other process as one of the cast."""
        if name not in self.signed_in:
            self.signed_in[name] = Api(self.elsewhere.url, name)
        return self.signed_in[name]

    def patient(self, name: str) -> str:
        """Return the id of a patient of the cast."""
        return str(self.cast.patients[name])


@pytest.fixture(scope="session")
def place(
    cluster: Cluster, worker_id: str, password_hash: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Yield the installation; tests change only what no other test looks at."""
    name = f"browser_{worker_id}"
    asyncio.run(clone(cluster, name))
    cast = asyncio.run(assembled(cluster.url(name), password_hash))
    with installation(cluster.url(name), tmp_path_factory.mktemp("browser")) as installed:
        installed.start_worker()
        here, elsewhere = installed.start_apis(2)
        set_records(elsewhere.url, cast)
        found = Place(here, elsewhere, cast)
        yield found
        for api in found.signed_in.values():
            api.close()


@pytest.fixture
def browser(place: Place) -> Iterator[Browser]:
    """Yield a browser, started when the installation already is."""
    with chromium() as started:
        yield started


@pytest.fixture
def start(browser: Browser, place: Place) -> Iterator[StartJourney]:
    """Yield a way to open a tab: `start(size=PHONE)`, or at another address than the first process's."""
    with ExitStack() as opened:

        def begin(size: tuple[int, int] = DESK, url: str = place.here.url) -> Journey:
            tab: AbstractContextManager[Journey] = journey(browser, url, size)
            return opened.enter_context(tab)

        yield begin


@pytest.fixture
def laid_cable(place: Place) -> Iterator[Cable]:
    """Yield a cable to the first process, which the test may cut."""
    with cable(place.here.port) as laid:
        yield laid
