"""An alert on the board: there at once, in words, by keyboard; and gone when what came of it is recorded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.accessible import require_accessible
from tests.browser.conftest import Place, StartJourney
from tests.browser.journey import DESK, PHONE
from tests.browser.keyboard import tab_to
from tests.browser.records import CARER, CLINICIAN
from tests.cast import just_now

CARL = "carl_clinician_on_care_team"
ROSE = "rose_herself"


def worrying() -> dict[str, Any]:
    return {
        "questionnaire": "phq-9",
        "version": "1",
        "authored_at": just_now().isoformat(),
        "answers": [{"link_id": "q9", "value": 2}],
    }


def picture(page: Page, name: str) -> None:
    """Keep a picture at both widths where whoever runs this asks for one."""
    if folder := os.environ.get("TENDWELL_PICTURES"):
        for width, height in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png")


def acknowledge(page: Page) -> None:
    tab_to(page, "Acknowledge the alert about RESIDENT, Rose")
    page.keyboard.press("Enter")


def test_an_alert_stands_on_the_board_at_once_and_is_answered_by_keyboard(start: StartJourney, place: Place) -> None:
    tab, carer = start(), start()
    page = tab.page
    tab.sign_in(CLINICIAN)
    carer.sign_in(CARER)
    for watcher in (tab, carer):
        watcher.wait_until_live()
        expect(watcher.page.locator("[data-alert]")).to_have_count(0)
    page.evaluate("window.notReloaded = true")

    rose = place.patient("rose_resident")
    place.elsewhere_as(ROSE).post(f"/patients/{rose}/questionnaire-responses", worrying())

    alert = page.locator("[data-alert]")
    expect(alert).to_contain_text("Red alert: RESIDENT, Rose, room 2")
    expect(alert).to_contain_text("Thoughts of being better off dead")
    expect(alert).to_contain_text("Nobody has acknowledged this.")
    expect(page.get_by_role("alert")).to_have_text("1 alert that nobody has acknowledged.")
    expect(carer.page.locator("[data-alert]")).to_contain_text("Nobody has acknowledged this.")
    expect(carer.page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    require_accessible(tab, "Patients")
    picture(page, "alert")
    acknowledge(page)
    expect(alert).to_contain_text("Acknowledged")
    expect(alert.get_by_role("heading")).to_be_focused()
    expect(carer.page.locator("[data-alert]")).to_contain_text("Acknowledged")
    require_accessible(tab, "Patients")
    picture(page, "alert-acknowledged")
    place.elsewhere_as(ROSE).post(f"/patients/{rose}/questionnaire-responses", worrying())
    expect(alert).to_contain_text("Nobody has acknowledged this.")
    acknowledge(page)
    expect(alert).to_contain_text("Acknowledged")
    tab_to(page, "What came of it?")
    page.keyboard.type("I spoke")
    tab_to(page, "Close the alert about RESIDENT, Rose")
    page.keyboard.press("Enter")
    expect(alert).to_have_count(0)
    expect(carer.page.locator("[data-alert]")).to_have_count(0)
    assert page.evaluate("window.notReloaded") is True


def test_whoever_is_second_is_told_so_and_sees_who_was_first(start: StartJourney, place: Place) -> None:
    rose = place.patient("rose_resident")
    place.elsewhere_as(ROSE).post(f"/patients/{rose}/questionnaire-responses", worrying())
    tab = start()
    tab.sign_in(CLINICIAN)
    tab.wait_until_live()
    alert = tab.page.locator("[data-alert]")
    expect(alert).to_contain_text("Nobody has acknowledged this.")
    found = alert.get_attribute("data-alert")
    path = f"/patients/{rose}/alerts/{found}"
    tab.page.route("**/v1/alerts*", lambda route: route.abort())
    place.elsewhere_as(CARL).post(f"{path}/acknowledgement", {})
    tab.page.get_by_role("button", name="Acknowledge").click()
    expect(tab.page.get_by_role("alert").filter(has_text="Somebody has acknowledged this already.")).to_be_visible()
    tab.page.unroute("**/v1/alerts*")
    place.elsewhere_as(CARL).post(f"{path}/resolution", {"outcome": "spoke_with_them"})
    expect(alert).to_have_count(0)
