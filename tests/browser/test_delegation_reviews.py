"""Whose time to act by law ends soon: where the letter leads, and how it is recorded anew."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import Locator, Page, expect

from domain.clock import london_date
from tests.browser.accessible import require_accessible
from tests.browser.conftest import Place, StartJourney
from tests.browser.records import CLINICIAN
from tests.cast import just_now

ATTORNEY, PRIVACY_OFFICER = "wanda_delegate_revoked", "saul_privacy_officer"
SOON, LATER = timedelta(days=6), timedelta(days=200)
REVIEWS = "**/v1/delegation-reviews*"


def test_what_ends_soon_is_looked_at_again_and_recorded_anew(start: StartJourney, place: Place) -> None:
    acts_by_law(place, until=today() + SOON)
    tab = start()
    tab.sign_in(CLINICIAN, "/requests")
    review = tab.page.locator("[data-review]").filter(has_text="for Sam Home")
    expect(review).to_contain_text("Attorney. By law: a lasting power of attorney for health and welfare.")
    expect(review).to_contain_text(re.compile(r"Ends \d+ \w+ \d{4}"))
    review.get_by_text("Record it anew").click()
    expect(review.get_by_label("Lasting power of attorney for health and welfare")).to_be_checked()
    review.get_by_role("button", name="Record it and make the code").click()
    expect(review.get_by_role("alert")).to_contain_text("Choose what they may do")
    require_accessible(tab, "Requests")

    review.get_by_role("checkbox", name="See the record").check()
    review.get_by_label("What have you seen?").fill("The registered instrument, again")
    fill_date(review, today() + timedelta(days=800))
    review.get_by_role("button", name="Record it and make the code").click()
    expect(review.get_by_role("alert")).to_contain_text("Give a day from tomorrow up to a year ahead")
    expect(review.get_by_label("Day", exact=True)).to_be_visible()
    fill_date(review, today() + LATER)
    review.get_by_role("button", name="Record it and make the code").click()
    expect(review.get_by_role("heading", name="Give them this code")).to_be_focused()
    require_accessible(tab, "Requests")
    code = review.locator(".tw-code").inner_text()

    place.elsewhere_as(ATTORNEY).post("/me/delegations", {"code": code})
    tab.page.reload()
    expect(tab.page.get_by_text("Nothing ends within 14 days.")).to_be_visible()


def test_somebody_who_acts_by_law_is_recorded_where_it_is_seen_who_has_access(
    start: StartJourney, place: Place
) -> None:
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('will_not_sharing')}/access")
    tab.page.get_by_text("Record somebody who acts by law").click()
    form = tab.page.locator("form").filter(has_text="By what right do they act?")
    form.get_by_label("Who are they to the patient?").select_option("deputy")
    form.get_by_label("Deputy appointed by the Court of Protection").check()
    form.get_by_role("checkbox", name="Add readings").check()
    form.get_by_label("What have you seen?").fill("The order of the court")
    fill_date(form, today() + LATER)
    require_accessible(tab, "SHARING, Will")
    form.get_by_role("button", name="Record it and make the code").click()
    expect(tab.page.get_by_role("heading", name="Give them this code")).to_be_focused()
    panel = tab.page.get_by_role("region", name="Deputy", exact=True)
    expect(panel).to_contain_text("Code not used yet")
    expect(panel).to_contain_text("The order of the court")


def test_what_cannot_be_loaded_says_so_and_privacy_officers_are_not_asked_about_delegates(start: StartJourney) -> None:
    tab, officer = start(), start()
    tab.page.route(REVIEWS, lambda route: route.abort())
    tab.sign_in(CLINICIAN, "/requests")
    section = tab.page.get_by_role("region", name="Acting by law, to look at again")
    expect(section.get_by_role("alert")).to_contain_text("Tendwell cannot be reached")
    expect(tab.page.get_by_text("Nothing is to be answered.")).to_be_visible()
    require_accessible(tab, "Requests")
    tab.page.unroute(REVIEWS)
    section.get_by_role("button", name="Try again").click()
    expect(section.get_by_role("alert")).to_have_count(0)

    officer.sign_in(PRIVACY_OFFICER, "/requests")
    expect(officer.page.get_by_role("heading", name="What patients ask")).to_be_visible()
    expect(officer.page.get_by_text("Acting by law")).to_have_count(0)


def acts_by_law(place: Place, *, until: date) -> None:
    """Let the attorney act for Sam until the end of a day."""
    body = {
        "relationship": "attorney",
        "scopes": ["read"],
        "ground": "lasting_power_of_attorney",
        "evidence": "Registered instrument seen",
        "review_on": until.isoformat(),
    }
    sam = place.patient("sam_at_home")
    made = place.elsewhere_as(CLINICIAN).post(f"/patients/{sam}/delegates/by-law", body)
    place.elsewhere_as(ATTORNEY).post("/me/delegations", {"code": made["code"]})


def today() -> date:
    return london_date(just_now())


def fill_date(form: Locator | Page, day: date) -> None:
    for part, typed in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        form.get_by_label(part, exact=True).fill(str(typed))
