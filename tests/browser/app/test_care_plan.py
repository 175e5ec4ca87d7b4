"""One's care and support plan on the phone: read without a network, written in one's own words, agreed to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from domain.clock import london_date
from tests.browser.accessible import require_accessible
from tests.browser.app.conftest import OpenApp
from tests.browser.app.phone import Phone
from tests.browser.conftest import Place
from tests.browser.records import CLINICIAN, PATIENT

PERSON = "sam_at_home"
NURSE = {"section": "contingency", "text": "Ring the heart failure nurse", "words_of": "clinician"}


def of(place: Place, more: str = "s") -> str:
    return f"/patients/{place.patient(PERSON)}/care-plan{more}"


def draft(place: Place, client_id: str, *sections: dict[str, str]) -> dict[str, Any]:
    """Return a draft by the clinician, against what is in force; both are known to a test by its own words alone."""
    asha = place.elsewhere_as(CLINICIAN)
    stand = asha.get(of(place))["items"]
    found = next((one for one in stand if one["status"] == "published"), None)
    return asha.post(
        of(place),
        {
            "client_id": f"{client_id}-{len(stand)}",
            "review_on": (london_date(place.cast.now) + timedelta(days=90)).isoformat(),
            "supersedes_id": None if found is None else found["id"],
            "sections": list(sections),
        },
    )


def in_force(place: Place, client_id: str, *sections: dict[str, str]) -> dict[str, Any]:
    """Put a plan in force that a clinician wrote and its owner agreed to, whatever was in force before."""
    made = draft(place, client_id, *sections)
    return place.elsewhere_as(PATIENT).post(of(place, f"s/{made['id']}/publication"), {})


def section(page: Page, name: str) -> Locator:
    return page.locator(f"[data-section={name}]")


def test_what_matters_to_one_is_written_looked_over_and_agreed_to(open_app: OpenApp, place: Place) -> None:
    before = in_force(place, "write", NURSE)
    page = open_app("plan").page
    page.get_by_role("link", name="Your care and support plan").click()
    expect(page.get_by_role("heading", name="Your care and support plan", level=1)).to_be_focused()
    expect(section(page, "contingency")).to_contain_text("Ring the heart failure nurse")
    expect(section(page, "contingency")).to_contain_text("Words of a clinician. Written down by your practice on")
    page.get_by_role("link", name="Write or change your plan").click()
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is different yet from the plan in force")
    page.get_by_label("What is most important to me").fill("To stay with my dog")
    page.reload()
    expect(page.get_by_label("What is most important to me")).to_have_value("To stay with my dog")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("Your words are kept as a draft.")).to_be_visible()
    change = page.locator("[data-change=matters]")
    expect(change).to_contain_text("New: To stay with my dog")
    expect(section(page, "matters")).to_have_count(0)
    page.get_by_role("button", name="Agree: put it in force").click()
    expect(page.get_by_text("Thank you. The plan that you agreed to is in force now.")).to_be_visible()
    expect(section(page, "matters")).to_contain_text("Your own words. Written down by you on")
    expect(section(page, "contingency")).to_contain_text("Ring the heart failure nurse")
    expect(change).to_have_count(0)
    found = place.elsewhere_as(CLINICIAN).get(of(place, ""))
    assert (found["version"], found["agreement"]) == (before["version"] + 1, "by_person")
    assert {one["section"]: one["written_as"] for one in found["sections"]} == {
        "matters": "self",
        "contingency": "practice",
    }
    page.reload()
    expect(section(page, "matters")).to_contain_text("To stay with my dog")
    page.get_by_text("Earlier versions: not in force").click()
    expect(page.locator("s").first).to_be_visible()


def test_a_draft_of_one_s_team_is_shown_by_what_it_changes_and_declined_with_a_reason(
    open_app: OpenApp, place: Place
) -> None:
    in_force(place, "decline", NURSE)
    made = draft(place, "ward", NURSE | {"text": "Go to the ward"})
    tab = open_app()
    page = tab.page
    expect(page.get_by_text("Your practice wrote it on")).to_be_visible()
    require_accessible(tab, "Today")
    page.get_by_role("link", name="Plan", exact=True).click()
    expect(page.get_by_text("A draft waits for an answer")).to_be_visible()
    page.get_by_role("link", name="Today", exact=True).click()
    page.get_by_role("link", name="Read it, and say whether you agree").click()
    waiting = page.locator(f"[data-draft='{made['id']}']")
    expect(waiting).to_contain_text("A draft: not in force")
    expect(waiting).to_contain_text("It says now: Ring the heart failure nurse")
    expect(waiting).to_contain_text("It would say: Go to the ward")
    waiting.get_by_role("button", name="No, not like this").click()
    waiting.get_by_role("button", name="No, not like this").click()
    expect(waiting.get_by_role("alert")).to_contain_text("Say in a few words why")
    waiting.get_by_label("Why?").fill("I want to stay at home")
    waiting.get_by_role("button", name="No, not like this").click()
    expect(page.get_by_text("It was put away with what you said.")).to_be_visible()
    expect(waiting).to_have_count(0)
    expect(section(page, "contingency")).to_contain_text("Ring the heart failure nurse")
    found = place.elsewhere_as(CLINICIAN).get(of(place, f"s/{made['id']}"))
    assert (found["status"], found["note"]) == ("withdrawn", "I want to stay at home")
    page.get_by_role("link", name="Today", exact=True).click()
    expect(page.get_by_role("heading", name="To do today")).to_be_visible()
    expect(page.get_by_text("Your practice wrote it on")).to_have_count(0)


def test_what_the_team_wrote_is_not_changed_by_oneself_alone_and_the_draft_waits_for_them(
    open_app: OpenApp, place: Place
) -> None:
    in_force(place, "alone", NURSE)
    page = open_app("care-plan/write").page
    page.get_by_text("More that you can write about").click()
    page.get_by_label("If I become unwell").fill("Ring my daughter first")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("a clinician must agree to it", exact=False)).to_be_visible()
    expect(page.get_by_role("button", name="Agree: put it in force")).to_have_count(0)
    page.get_by_role("button", name="Take it back").click()
    page.get_by_label("Why?").fill("I asked them instead")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("It was put away with what you said.")).to_be_visible()


def test_the_plan_is_on_the_phone_without_a_network_with_its_age_and_nothing_is_agreed_to_there(
    phone: Phone, place: Place
) -> None:
    in_force(place, "offline", NURSE)
    made = draft(place, "offline-draft", NURSE | {"text": "Go to the ward"})
    phone.sign_in(PATIENT, own=True, path="/care-plan")
    expect(section(phone.page, "contingency")).to_contain_text("Ring the heart failure nurse")
    phone.wait_for_worker()
    phone.lose_network()
    phone.open("/care-plan")
    expect(section(phone.page, "contingency")).to_contain_text("Ring the heart failure nurse")
    expect(phone.page.get_by_text("This is the plan as it was known today at")).to_be_visible()
    waiting = phone.page.locator(f"[data-draft='{made['id']}']")
    expect(waiting).to_contain_text("This part needs a connection.")
    expect(waiting.get_by_role("button")).to_have_count(0)
    assert phone.tab.violations() == []
    phone.find_network()
