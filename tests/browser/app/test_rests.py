"""Letting one's plans rest, going on before the time, and living by other clocks: by whoever they are of."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from domain.clock import london_date
from tests.browser.accessible import require_accessible
from tests.browser.app.conftest import OpenApp
from tests.browser.conftest import Place
from tests.browser.records import PATIENT
from tests.cast import just_now

PERSON = "sam_at_home"


def test_plans_rest_from_a_day_on_and_go_on_when_one_says_so(open_app: OpenApp, place: Place) -> None:
    tab = open_app("settings")
    page = tab.page
    page.get_by_role("link", name="Let your plans rest, or change your time zone").click()
    expect(page.get_by_role("heading", name="Going away, or unwell", level=1)).to_be_focused()
    form = page.get_by_role("region", name="Let my plans rest")
    form.get_by_role("button", name="Let them rest").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose why")
    form.get_by_label("Something else", exact=True).check()
    form.get_by_role("button", name="Let them rest").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why in a few words")
    require_accessible(tab, "Going away, or unwell")
    form.get_by_label("I am away").check()
    begins = london_date(just_now()) + timedelta(days=3)
    form.get_by_label("From which day?").fill(begins.isoformat())
    form.get_by_label("Until which day?").fill((begins + timedelta(days=6)).isoformat())
    form.get_by_role("button", name="Let them rest").click()
    expect(page.get_by_text("It is kept. Your plans rest on those days.")).to_be_visible()
    kept = page.locator("[data-pause=holiday]")
    expect(kept).to_contain_text("All your plans rest.")
    expect(kept).to_contain_text("both included")
    pauses = f"/patients/{place.patient(PERSON)}/pauses"
    [made] = [
        each for each in place.elsewhere_as(PATIENT).get(pauses)["items"] if each["from_on"] == begins.isoformat()
    ]
    assert (made["kind"], made["plan_id"], made["made_as"]) == ("holiday", None, "patient")

    kept.get_by_role("button", name="Go on with it now").click()
    expect(page.get_by_text("It goes on")).to_be_visible()
    expect(kept).to_have_count(0)


def test_another_time_zone_is_chosen_and_today_stays_as_it_was(open_app: OpenApp, place: Place) -> None:
    page = open_app("settings/rests").page
    part = page.get_by_role("region", name="Time zone")
    expect(part).to_contain_text("Your days are reckoned in Europe/London.")
    part.get_by_label("Reckon my days in").select_option("Europe/Lisbon")
    part.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your time zone is kept.")).to_be_visible()
    expect(part).to_contain_text("Your days are reckoned in Europe/London.")
    expect(part).to_contain_text("they are reckoned in Europe/Lisbon")
    address = f"/patients/{place.patient(PERSON)}/time-zone"
    assert place.elsewhere_as(PATIENT).get(address)["choices"][0]["time_zone"] == "Europe/Lisbon"
    part.get_by_label("Reckon my days in").select_option("Europe/London")
    part.get_by_role("button", name="Save").click()
    expect(part.get_by_text("they are reckoned in")).to_have_count(0)
