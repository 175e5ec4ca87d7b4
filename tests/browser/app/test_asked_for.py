"""What a plan asks to be recorded, on a phone: the way to it from Today, and done by the reading, sent or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.app.conftest import OpenApp
from tests.browser.app.test_pages import PERSON, move_to, record
from tests.browser.conftest import Place
from tests.browser.records import CLINICIAN

WEIGH, ANSWER, WRITE = "Get on the scales", "Say how you have been", "Write your day down"


@pytest.fixture
def asking(place: Place) -> Iterator[str]:
    """Yield the path of a plan that asks for a weight, answers and a diary each day; it ends with the test."""
    today = datetime.now(UTC).date()
    asked = ((WEIGH, "reading", "body_weight"), (ANSWER, "questionnaire", "gad-7"), (WRITE, "diary_entry", None))
    plan = {
        "title": "Plan that asks",
        "agreed_on": today.isoformat(),
        "review_on": (today + timedelta(days=90)).isoformat(),
        "actions": [
            {"title": title, "schedule": {"rrule": "FREQ=DAILY"}, "asks_for": {"kind": kind, "of": of}}
            for title, kind, of in asked
        ],
    }
    asha = place.elsewhere_as(CLINICIAN)
    path = f"/patients/{place.patient(PERSON)}/action-plans"
    published = f"{path}/{asha.post(path, plan)['id']}"
    yield published
    asha.post(f"{published}/end", {"reason": "The test is over"})


def test_a_reading_that_is_due_is_done_by_recording_it_without_a_network_and_sent_later(
    open_app: OpenApp, place: Place, asking: str
) -> None:
    tab = open_app()
    weigh = tab.page.locator(f"[data-due='{WEIGH}']")
    tab.page.context.set_offline(True)
    weigh.get_by_role("link", name="Measure now").click()
    record(tab.page, Reading="80.2")
    expect(tab.page.get_by_role("heading", name="Recorded")).to_be_focused()
    move_to(tab, "")
    done = tab.page.locator("li", has_text=WEIGH)
    expect(done).to_contain_text("Done at")
    expect(done).to_contain_text("Not sent yet")
    expect(weigh).to_have_count(0)
    tab.page.context.set_offline(False)
    tab.page.get_by_role("button", name="Check now").click()
    expect(done).not_to_contain_text("Not sent yet")
    expect(done).to_contain_text("Done at")
    plan: dict[str, Any] = place.elsewhere_as(CLINICIAN).get(asking)
    kept = {action["title"]: action["adherence"]["done"] for action in plan["actions"]}
    assert (kept[WEIGH], plan["recent_completions"]) == (1, [])


@pytest.mark.usefixtures("asking")
def test_a_check_in_that_is_due_leads_to_its_questions_and_a_diary_to_its_page(open_app: OpenApp) -> None:
    tab = open_app()
    tab.page.locator(f"[data-due='{ANSWER}']").get_by_role("link", name="Answer now").click()
    expect(tab.page).to_have_url(re.compile(r"/app/check-ins/gad-7$"))
    move_to(tab, "")
    tab.page.locator(f"[data-due='{WRITE}']").get_by_role("link", name="Write now").click()
    tab.page.get_by_label("How are you today?", exact=False).fill("A good day")
    tab.page.get_by_role("button", name="Save").click()
    expect(tab.page.get_by_role("heading", name="It is in your diary.")).to_be_visible()
    move_to(tab, "")
    expect(tab.page.locator("li", has_text=WRITE)).to_contain_text("Done at")
