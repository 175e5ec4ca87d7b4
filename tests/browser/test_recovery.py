"""What could not be loaded is tried again by itself: a board that nobody touches must not stay empty for ever."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessible import require_accessible
from tests.browser.conftest import Place, StartJourney
from tests.browser.journey import Journey
from tests.browser.records import CLINICIAN, PATIENT

BOARD = "**/v1/board?*"
LATEST = "**/v1/patients/*/observations/latest"
TICKETS = "**/v1/live/tickets"
LOOKED_AGAIN_MS = 20_000


def test_a_board_whose_first_load_failed_says_so_and_comes_back_by_itself(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.page.route(BOARD, lambda route: route.abort())
    tab.sign_in(CLINICIAN)
    failed = tab.page.get_by_role("alert").filter(has_text="Patients could not be loaded.")
    expect(failed).to_contain_text("Tendwell keeps trying by itself.")
    _expect_not_connected(tab)
    tab.page.unroute(BOARD)
    expect(tab.page.locator(f"[data-patient='{place.patient('rose_resident')}']")).to_be_visible()
    expect(failed).to_have_count(0)
    tab.wait_until_live()


def test_an_empty_board_says_who_would_stand_there_and_fills_by_itself(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.page.clock.install()
    tab.page.route(BOARD, lambda route: route.fulfill(json={"items": [], "next_cursor": None}))
    tab.sign_in(CLINICIAN)
    expect(tab.page.get_by_role("heading", name="No patients yet")).to_be_visible()
    expect(tab.page.get_by_role("main")).to_contain_text("Patients registered at Invented practice.")
    expect(tab.connection.locator("strong")).to_have_text("Nobody to watch yet")
    require_accessible(tab, "Patients")
    tab.page.unroute(BOARD)
    tab.page.clock.fast_forward(LOOKED_AGAIN_MS)
    expect(tab.page.locator(f"[data-patient='{place.patient('rose_resident')}']")).to_be_visible()
    tab.wait_until_live()


@pytest.mark.parametrize("who", [CLINICIAN, PATIENT])
def test_a_record_whose_first_load_failed_says_so_and_comes_back_by_itself(
    start: StartJourney, place: Place, who: str
) -> None:
    tab = start()
    for address in (LATEST, TICKETS):
        tab.page.route(address, lambda route: route.fulfill(status=503, body="busy"))
    tab.sign_in(who, "/my-health" if who == PATIENT else f"/patients/{place.patient('sam_at_home')}")
    expect(tab.page.get_by_role("alert")).to_contain_text("Readings could not be loaded.")
    _expect_not_connected(tab)
    tab.page.unroute(LATEST)
    expect(tab.page.get_by_role("alert")).to_have_count(0)
    tab.page.unroute(TICKETS)
    tab.wait_until_live()


def _expect_not_connected(tab: Journey) -> None:
    expect(tab.connection.locator("strong")).to_have_text("Not connected")
