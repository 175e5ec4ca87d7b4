"""What was done by a phone that had not heard of a newer version of the plan: kept, and said where it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Request, expect

from tests.browser.app.conftest import OpenApp
from tests.browser.app.test_pages import PERSON
from tests.browser.conftest import Place
from tests.browser.records import CLINICIAN

TABLET = "Take the small tablet"


def plan_of(title: str, **but: Any) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    return {
        "title": title,
        "agreed_on": today.isoformat(),
        "review_on": (today + timedelta(days=90)).isoformat(),
        "actions": [{"title": TABLET, "schedule": {"rrule": "FREQ=DAILY"}}],
    } | but


def test_a_dose_noted_offline_under_a_version_that_was_replaced_stands_beside_the_newer_one_s(
    open_app: OpenApp, place: Place
) -> None:
    asha, path = place.elsewhere_as(CLINICIAN), f"/patients/{place.patient(PERSON)}/action-plans"
    first = asha.post(path, plan_of("Tablets"))
    tab = open_app()
    sent: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/v1/me/changes"):
            sent.extend((request.post_data_json or {})["items"])

    tab.page.on("request", note)
    due = tab.page.locator(f"[data-due='{TABLET}']")
    expect(due).to_have_count(1)
    tab.page.context.set_offline(True)
    second = asha.post(path, plan_of("Tablets, changed", supersedes_id=first["id"]))
    try:
        due.get_by_role("button", name="Done").click()
        expect(due).to_have_count(0)
        tab.page.context.set_offline(False)
        tab.page.get_by_role("button", name="Check now").click()
        said = due.locator(f"[data-before='{TABLET}']")
        expect(said).to_contain_text("under the former version of this plan")
        expect(said).not_to_contain_text("Not sent yet")
        expect(tab.page.get_by_text("You decide")).to_have_count(0)
        body, *again = [each["completion"] for each in sent if "completion" in each]
        assert all(each == body for each in again)
        assert datetime.fromisoformat(body["as_of"]) < datetime.fromisoformat(second["published_at"])
        former = asha.get(f"{path}/{first['id']}")
        assert [each["client_id"] for each in former["recent_completions"]] == [body["client_id"]]
        assert asha.get(f"{path}/{second['id']}")["recent_completions"] == []
    finally:
        asha.post(f"{path}/{second['id']}/end", {"reason": "The test is over"})
