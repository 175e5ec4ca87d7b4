"""Every page, on a desk and on a phone: no violation that axe knows of, and nothing wider than the window."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.cable import Cable
from tests.browser.conftest import Place, StartJourney
from tests.browser.journey import DESK, PHONE, Journey
from tests.browser.records import CLINICIAN, COMMISSIONER, PATIENT

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@SIZES
def test_signing_in(start: StartJourney, size: tuple[int, int]) -> None:
    tab = start(size=size)
    tab.go("/")
    _require_accessible(tab, "Sign in")
    tab.page.get_by_role("button", name="Sign in").click()
    expect(tab.page.get_by_role("alert")).to_be_visible()
    _require_accessible(tab, "Sign in")


@SIZES
def test_the_board_live_and_stale(start: StartJourney, laid_cable: Cable, size: tuple[int, int]) -> None:
    tab = start(size=size, url=laid_cable.url)
    tab.sign_in(CLINICIAN)
    tab.wait_until_live()
    _require_accessible(tab, "Patients")
    laid_cable.cut()
    expect(tab.connection).to_contain_text("out of date")
    _require_accessible(tab, "Patients")


@SIZES
def test_a_record(start: StartJourney, place: Place, size: tuple[int, int]) -> None:
    tab = start(size=size)
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('rose_resident')}")
    tab.wait_until_live()
    tab.page.get_by_text("Show as a table").first.click()
    expect(tab.page.locator(".uplot").first).to_be_visible()
    _require_accessible(tab, "RESIDENT, Rose")
    for part in ("Readings", "Goals", "Action plan", "Record a reading"):
        tab.page.get_by_role("link", name=part, exact=True).click()
        expect(tab.page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
        _require_accessible(tab, "RESIDENT, Rose")
    tab.page.get_by_label("What was measured?").select_option("consciousness_acvpu")
    tab.page.get_by_label("Earlier").check()
    tab.page.get_by_role("button", name="Record", exact=True).click()
    _require_accessible(tab, "RESIDENT, Rose")


@SIZES
def test_the_commissioners_page(start: StartJourney, size: tuple[int, int]) -> None:
    tab = start(size=size)
    tab.sign_in(COMMISSIONER)
    expect(tab.page.get_by_role("heading", name="Method")).to_be_visible()
    tab.page.get_by_text("How this was counted").first.click()
    _require_accessible(tab, "Outcomes")


@SIZES
def test_ones_own_pages(start: StartJourney, size: tuple[int, int]) -> None:
    tab = start(size=size)
    tab.sign_in(PATIENT)
    tab.wait_until_live()
    _require_accessible(tab, "My health")
    for part, heading in (("Goals", "My goals"), ("Action plan", "My action plan")):
        tab.page.get_by_role("link", name=part, exact=True).click()
        expect(tab.page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
        _require_accessible(tab, heading)


def _require_accessible(tab: Journey, heading: str) -> None:
    expect(tab.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    assert tab.violations() == []
    assert tab.overflow() <= 0
