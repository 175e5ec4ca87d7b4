"""A reading that was withdrawn leaves the screen at once, whatever becomes of asking for the one before it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Place, StartJourney
from tests.browser.records import CLINICIAN, reading
from tests.cast import just_now

LATEST = "**/observations/latest"


def test_a_retracted_value_is_not_known_at_once_and_asked_for_until_there_is_an_answer(
    start: StartJourney, place: Place
) -> None:
    sam = place.patient("sam_at_home")
    asha = place.elsewhere_as(CLINICIAN)
    before, wrong = asha.record(sam, _ketones("before", 0.4, minutes_ago=9), _ketones("wrong", 1.6, minutes_ago=2))
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{sam}")
    tab.wait_until_live()
    tile = tab.sign("blood_ketones")
    expect(tile).to_contain_text("1.6 mmol/L")

    tab.page.route(LATEST, lambda route: route.abort())
    asha.post(f"/patients/{sam}/observations/{wrong}/retraction", {"reason": "Another person's meter"})
    expect(tile).to_contain_text("Not known")
    expect(tile).not_to_contain_text("1.6")
    expect(tile).to_contain_text("Checking…")
    assert tab.violations() == []
    for _ in range(2):
        with tab.page.expect_event("requestfailed"):
            pass

    tab.page.unroute(LATEST)
    expect(tile).to_contain_text("0.4 mmol/L")
    asha.post(f"/patients/{sam}/observations/{before}/retraction", {"reason": "Tidied up"})
    expect(tile).to_have_count(0)


def test_a_correction_that_moves_a_reading_back_shows_the_one_that_is_the_latest_now(
    start: StartJourney, place: Place
) -> None:
    sam = place.patient("sam_at_home")
    asha = place.elsewhere_as(CLINICIAN)
    first, second = asha.record(sam, _pain("first", 3, minutes_ago=8), _pain("second", 7, minutes_ago=1))
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{sam}")
    tab.wait_until_live()
    tile = tab.sign("pain_score")
    expect(tile).to_contain_text("7")
    corrected = asha.post(
        f"/patients/{sam}/observations/{second}/correction",
        {"reason": "It was this morning", "reading": _pain("second-again", 7, minutes_ago=30)},
    )
    expect(tile).to_contain_text("3 out of 10")
    for one in (first, corrected["id"]):
        asha.post(f"/patients/{sam}/observations/{one}/retraction", {"reason": "Tidied up"})
    expect(tile).to_have_count(0)


def _ketones(name: str, value: float, *, minutes_ago: int) -> dict[str, Any]:
    return reading(f"ketones-{name}", "blood_ketones", _ago(minutes_ago), "mmol/L", value=value)


def _pain(name: str, value: int, *, minutes_ago: int) -> dict[str, Any]:
    return reading(f"pain-{name}", "pain_score", _ago(minutes_ago), "{score}", value=value)


def _ago(minutes: int) -> str:
    at: datetime = just_now() - timedelta(minutes=minutes)
    return at.isoformat()
