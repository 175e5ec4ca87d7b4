"""An answer that cannot wait: told to the care team whatever the phone's clock says, never merely left in a list."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.app.phone import Phone, until
from tests.browser.conftest import Place
from tests.browser.records import CLINICIAN, PATIENT

PERSON = "sam_at_home"
CHANGES = "**/v1/me/changes"
# Whoever answers reads first, and a machine that is shared takes its time.
NEARLY = timedelta(minutes=5)


def answer_worryingly(phone: Phone) -> None:
    """Answer the PHQ-9 on the phone, its last question with more than no, and send that at once."""
    phone.open("/check-ins/phq-9")
    heading = phone.page.get_by_role("heading", level=1)
    for question in range(9):
        before = heading.inner_text()
        phone.page.get_by_label("Several days" if question == 8 else "Not at all", exact=True).check()
        if question == 8:
            expect_calls(phone.page.locator("[data-chosen-urgent]"))
        else:
            expect(phone.page.locator("[data-chosen-urgent]")).to_have_count(0)
        phone.page.get_by_role("button", name="Next").click()
        expect(heading).not_to_have_text(before)
    expect_calls(phone.page.locator("[data-crisis]"))
    phone.page.get_by_role("button", name="Send my answers").click()


def expect_calls(within: Locator) -> None:
    """Return once it is seen to say whom to call."""
    for name, number in (("Emergency services: 999", "999"), ("NHS 111", "111"), ("Samaritans: 116 123", "116123")):
        expect(within.get_by_role("link", name=name)).to_have_attribute("href", f"tel:{number}")


def untold(phone: Phone) -> Locator:
    """Return what stands above every page while nobody was told; it is not there otherwise."""
    return phone.page.locator("[data-untold]")


def answers_of(place: Place) -> list[dict[str, Any]]:
    """Return the person's answers, as their clinician reads them, of which each has its alert."""
    asha, person = place.elsewhere_as(CLINICIAN), f"/patients/{place.patient(PERSON)}"
    found: list[dict[str, Any]] = asha.get(f"{person}/questionnaire-responses?questionnaire=phq-9&limit=200")["items"]
    alerts = [alert for alert in asha.get(f"{person}/alerts?limit=200")["items"] if alert["level"] == "red"]
    raised = {each["subject_id"] for alert in alerts for each in alert["evidence"]}
    assert {each["id"] for each in found if each["safety"] is not None} <= raised
    return found


@pytest.mark.parametrize(
    "off", [timedelta(hours=1), timedelta(days=1), -timedelta(days=7 * 365), -timedelta(days=110 * 365)]
)
def test_a_phone_whose_clock_is_wrong_tells_the_care_team_and_says_whom_to_call_until_then(
    phone: Phone, place: Place, off: timedelta
) -> None:
    before = {each["id"] for each in answers_of(place)}
    phone.sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.lose_network()
    phone.page.clock.set_system_time(datetime.now(UTC) + off)
    answer_worryingly(phone)
    for path in (None, "/", "/not-sent"):
        if path is not None:
            phone.open(path)
        expect(untold(phone)).to_contain_text("Your answers have not been sent yet")
        expect_calls(untold(phone))
    phone.find_network()
    expect(phone.unsent).to_have_count(0)
    expect(untold(phone)).to_have_count(0)
    expect(phone.page.get_by_role("alert")).to_contain_text("Your care team has been sent an alert")
    [found] = [each for each in answers_of(place) if each["id"] not in before]
    assert found["safety"] is not None
    assert found["time_instead"]["stands"] == "corrected"
    assert abs(datetime.fromisoformat(found["authored_at"]) - datetime.now(UTC)) < NEARLY
    expect(phone.page.get_by_text("Your score is")).to_have_count(0)
    phone.open("/check-ins")
    expect(phone.page.get_by_text("The phone stated a time that could not have been").first).to_be_visible()
    expect(phone.page.get_by_text("One of these answers matters more than any score").first).to_be_visible()
    phone.open("/")
    alert = phone.page.get_by_role("region", name="Alerts about you")
    expect(alert).to_contain_text("You answered that you have had thoughts")
    expect_calls(alert)


@pytest.mark.parametrize("outcome", ["refused", "conflict"])
def test_where_it_is_not_recorded_every_page_says_that_nobody_was_told_and_it_is_tried_again(
    phone: Phone, place: Place, outcome: str
) -> None:
    before = {each["id"] for each in answers_of(place)}

    def say_no(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        said: dict[str, Any] = {
            "id": None,
            "problem": "/problems/invalid",
            "detail": "No",
            "errors": [],
            "confirm": False,
            "safety": None,
        }
        items = [
            {"index": index, "item": one["item"], "outcome": outcome, **said}
            for index, one in enumerate(json.loads(route.request.post_data or "")["items"])
        ]
        counts = {"kept": 0, "conflict": 0, "refused": 0, "later": 0} | {outcome: len(items)}
        return route.fulfill(json={"items": items, **counts, "received_at": datetime.now(UTC).isoformat()})

    phone.sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.page.context.route(CHANGES, say_no)
    answer_worryingly(phone)
    expect(phone.page.get_by_role("heading", level=1, name="Your care team has NOT been told")).to_be_focused()
    for path in (None, "/", "/not-sent", "/check-ins"):
        if path is not None:
            phone.open(path)
        expect(untold(phone)).to_contain_text("Your care team has NOT been told")
        expect_calls(untold(phone))
        assert phone.tab.violations() == []
    assert {each["id"] for each in answers_of(place)} == before
    phone.page.context.unroute(CHANGES)
    phone.open("/")
    expect(phone.unsent).to_have_count(0)
    expect(untold(phone)).to_have_count(0)
    until(lambda: len({each["id"] for each in answers_of(place)} - before) == 1)
