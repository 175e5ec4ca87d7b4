"""An installation to browse (two API processes, a worker, the cast and their records), and a browser for each test."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from integrations.notifications.tokens import new_elliptic_key
from integrations.postgres.embedded import Cluster
from tests.aside import aside
from tests.browser.built import require_console
from tests.browser.cable import Cable, cable
from tests.browser.chromium import chromium
from tests.browser.door import Door
from tests.browser.journey import DESK, Journey, journey
from tests.browser.records import Api, set_records
from tests.cast import Cast
from tests.databases import Troupe, clone
from tests.live.processes import Process, free_port, installation

StartJourney = Callable[..., Journey]


@dataclass
class Place:
    """Where the console is: `here` serves the browser; what happens `elsewhere` reaches it by the database alone."""

    here: Process
    elsewhere: Process
    cast: Cast
    signed_in: dict[str, Api] = field(default_factory=dict)

    def elsewhere_as(self, name: str) -> Api:
        """Return the other process as one of the cast: signed in, though a test before may have ended all sessions."""
        held = self.signed_in.get(name)
        if held is not None and held.status("/me") != 200:
            held.close()
            held = None
        if held is None:
            held = self.signed_in[name] = Api(self.elsewhere.url, name)
        return held

    def patient(self, name: str) -> str:
        """Return the id of a patient of the cast."""
        return str(self.cast.patients[name])


@pytest.fixture(scope="package", autouse=True)
def console_of_these_sources() -> None:
    """Fail every test here at once when the console that would be served was built from other sources."""
    require_console()


@pytest.fixture(scope="package")
def place(
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Yield the installation; tests change only what no other test looks at."""
    with browsed(cluster, f"browser_{worker_id}", everybody, tmp_path_factory.mktemp("browser")) as found:
        yield found


@contextmanager
def browsed(cluster: Cluster, name: str, everybody: Troupe, folder: Path) -> Iterator[Place]:
    """Yield an installation where the cast and their records stand, on a database of this name."""
    cast = copy.deepcopy(everybody.cast)
    url = aside(clone(cluster, name, everybody.template))
    with installation(url, folder) as installed:
        installed.start_worker()
        here, elsewhere = installed.start_apis(2)
        set_records(elsewhere.url, cast)
        found = Place(here, elsewhere, cast)
        yield found
        for api in found.signed_in.values():
            api.close()


@pytest.fixture(scope="package")
def chromium_running() -> Iterator[Browser]:
    """Yield a browser for all tests here. It ends with the last of them: no asynchronous test could run beside it."""
    with chromium() as running:
        yield running


@pytest.fixture
def browser(chromium_running: Browser) -> Iterator[Browser]:
    """Yield the browser, in which nothing is left of any test before."""
    yield chromium_running
    for context in chromium_running.contexts:
        context.close()


@pytest.fixture(scope="package")
def door(
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Door]:
    """Yield an installation as production is: staff have a second factor, letters and notices go out, it has a name."""
    port, folder = free_port(), tmp_path_factory.mktemp("door")
    push = {"VAPID_KEY": new_elliptic_key(), "VAPID_CONTACT": "mailto:push@riverside.example"}
    url = aside(clone(cluster, f"door_{worker_id}", everybody.template))
    address = f"http://localhost:{port}"
    with installation(url, folder, PUBLIC_URL=address, MAIL_DIR=str(folder / "mail"), **push) as installed:
        installed.start_worker()
        installed.start_api(port, SECOND_FACTOR="required_for_staff")
        lenient = installed.start_api()
        found = Door(address, copy.deepcopy(everybody.cast), lenient.url, url, folder / "mail")
        yield found
        for api in found.signed_in.values():
            api.close()


@pytest.fixture
def enter(browser: Browser, door: Door) -> Iterator[StartJourney]:
    """Yield a way to open a tab at the door, each in a browser profile of its own."""
    with ExitStack() as opened:

        def begin(size: tuple[int, int] = DESK) -> Journey:
            tab: AbstractContextManager[Journey] = journey(browser, door.url, size)
            return opened.enter_context(tab)

        yield begin


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
