"""Phones to test with: each is a browser profile of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integrations.postgres.embedded import Cluster
from tests.browser.app.phone import Phone
from tests.browser.conftest import Place, StartJourney, browsed
from tests.browser.journey import PHONE, Journey
from tests.browser.records import PATIENT
from tests.databases import Troupe

SMALL_PHONE = (360, 740)

TakePhone = Callable[[], Phone]
OpenApp = Callable[..., Journey]


@pytest.fixture(scope="package")
def place(
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Yield an installation of the app's own: what is recorded on phones would stand on the boards of other tests."""
    with browsed(cluster, f"app_{worker_id}", everybody, tmp_path_factory.mktemp("app")) as found:
        yield found


@pytest.fixture
def take_phone(start: StartJourney) -> TakePhone:
    """Return a way to take another phone."""
    return lambda: Phone(start(size=PHONE))


@pytest.fixture
def phone(take_phone: TakePhone) -> Phone:
    """Return a phone on which nobody has signed in."""
    return take_phone()


@pytest.fixture
def open_app(start: StartJourney) -> OpenApp:
    """Return how to open the app at an address on a small phone, signed in as the patient, with the record there."""

    def opened(path: str = "") -> Journey:
        tab = start(size=SMALL_PHONE)
        Phone(tab).sign_in(PATIENT, own=False, path=f"/{path}")
        return tab

    return opened
