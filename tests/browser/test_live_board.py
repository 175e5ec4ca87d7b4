"""The live board: what is recorded anywhere is seen at once, by whom it may be seen."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.conftest import Place, StartJourney
from tests.browser.records import CARER, CLINICIAN, reading
from tests.cast import just_now

MINUTE_MS = 60 * 1000
CARL = "carl_clinician_on_care_team"


def test_a_reading_posted_to_another_process_appears_without_a_reload(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CLINICIAN)
    tab.wait_until_live()
    rose = tab.page.locator(f"[data-patient='{place.patient('rose_resident')}']")
    expect(rose).to_contain_text("RESIDENT, Rose")
    tab.page.evaluate("window.notReloaded = true")

    taken_at = just_now().isoformat()
    place.elsewhere_as(CLINICIAN).record(
        place.patient("rose_resident"), reading("seen-live", "heart_rate", taken_at, "/min", value=113)
    )

    heart = rose.locator("[data-sign=heart_rate]")
    expect(heart).to_contain_text("113 beats/min")
    expect(heart).to_contain_text(re.compile(r"just now|\d+ s ago"))
    expect(heart).not_to_contain_text("Stale")
    assert tab.page.evaluate("window.notReloaded") is True


def test_the_age_of_a_reading_counts_on_by_itself(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('rose_resident')}")
    tab.wait_until_live()
    place.elsewhere_as(CLINICIAN).record(
        place.patient("rose_resident"),
        reading("aging", "respiratory_rate", (just_now() - timedelta(seconds=1)).isoformat(), "/min", value=18),
    )
    age = tab.sign("respiratory_rate").locator("time")
    expect(age).to_have_text(re.compile(r"^[1-9] s ago$"))
    before = age.inner_text()
    expect(age).not_to_have_text(before)


def test_a_card_names_the_person_as_a_clinical_banner_does(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CARER)
    card = tab.page.locator(f"[data-patient='{place.patient('rose_resident')}']")
    expect(card.get_by_role("heading")).to_have_text("RESIDENT, Rose")
    expect(card).to_contain_text(re.compile(r"29-Feb-1940 \(\d\dy\)"))
    expect(card).to_contain_text("999 000 0018")
    expect(card).to_contain_text("Room 2, Invented care_home")


def test_the_board_stands_in_the_order_of_homes_rooms_and_names_and_no_value_moves_anybody(
    start: StartJourney, place: Place
) -> None:
    tab = start()
    tab.sign_in(CLINICIAN)
    tab.wait_until_live()
    places = tab.page.get_by_role("heading", level=2)
    expect(places).to_have_text(["Invented care_home", "At home"])
    names = tab.page.get_by_role("heading", level=3)
    before = names.all_inner_texts()
    assert before[0] == "RESIDENT, Rose"
    in_home = 2  # by room: Rose has one, Will none; those at home by name
    assert before[1:in_home] == ["SHARING, Will"]
    assert before[in_home:] == sorted(before[in_home:])

    sam = tab.page.locator(f"[data-patient='{place.patient('sam_at_home')}']")
    place.elsewhere_as(CLINICIAN).record(
        place.patient("sam_at_home"), reading("no-move", "blood_glucose", just_now().isoformat(), "mmol/L", value=5.6)
    )
    expect(sam).to_contain_text("5.6 mmol/L")
    assert names.all_inner_texts() == before
    focused = []
    tab.page.get_by_label("Filter by name").focus()
    for _ in before:
        tab.page.keyboard.press("Tab")
        focused.append(tab.page.evaluate("document.activeElement.innerText"))
    assert focused == before


def test_the_filter_finds_by_any_part_of_a_name_and_says_how_many(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(CLINICIAN)
    tab.page.get_by_label("Filter by name").fill("ros")
    expect(tab.page.locator(".tw-patient")).to_have_count(1)
    expect(tab.page.get_by_text(re.compile(r"^1 of \d+ patients"))).to_be_visible()


def test_a_reading_on_the_chart_moves_it_and_its_table_holds_the_same(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('sam_at_home')}")
    tab.wait_until_live()
    place.elsewhere_as(CLINICIAN).record(
        place.patient("sam_at_home"),
        reading("first-weight", "body_weight", just_now().isoformat(), "kg", value=81.4),
    )
    chart = tab.page.locator("[data-chart=body_weight]")
    expect(chart.get_by_role("img")).to_have_attribute("aria-label", re.compile("1 reading between 81.4 and 81.4 kg"))
    chart.get_by_text("Show as a table").click()
    expect(chart.get_by_role("cell", name="81.4").first).to_be_visible()


def test_every_sign_that_was_measured_has_its_chart(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('rose_resident')}")
    tab.wait_until_live()
    measured = {tile.get_attribute("data-sign") for tile in tab.page.locator("[data-sign]").all()}
    charts = tab.page.locator("[data-chart]")
    expect(charts).to_have_count(len(measured - {"consciousness_acvpu"}))
    expect(tab.page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
    expect(tab.page.get_by_text("could not be loaded")).to_have_count(0)
    tab.page.get_by_label("30 days").check()
    expect(charts.get_by_role("img")).to_have_count(len(measured - {"consciousness_acvpu"}))


def test_who_joins_an_open_board_appears_and_who_leaves_goes_and_nothing_typed_is_lost(
    start: StartJourney, place: Place
) -> None:
    tab, asha, sam = start(), place.elsewhere_as(CLINICIAN), place.patient("sam_at_home")
    team = f"/care-teams/{place.cast.others['team']}/patients"
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(re.sub(r".*/v1/|\?.*", "", request.url)))
    tab.page.clock.install()
    tab.sign_in(CARL)
    tab.wait_until_live()
    typed = tab.page.get_by_label("Filter by name")
    typed.fill("sam")
    card = tab.page.locator(f"[data-patient='{sam}']")
    for _ in range(2):  # somebody who was there before comes back as well as somebody new
        expect(card).to_have_count(0)
        asha.post(team, {"patient_id": sam})
        tab.page.clock.fast_forward(MINUTE_MS)
        expect(card).to_contain_text("HOME, Sam")
        tab.wait_until_live()
        expect(typed).to_be_focused()
        expect(typed).to_have_value("sam")
        asha.delete(f"{team}/{sam}")
    expect(card).to_have_count(0)
    with tab.page.expect_response(re.compile("/v1/board/edition")):
        tab.page.clock.fast_forward(MINUTE_MS)
    typed.fill("")
    expect(tab.page.get_by_text("RESIDENT, Rose")).to_be_visible()
    # Loaded without waiting for a question, and again for each who came; for who left nobody was looked at.
    asked = [each for each in asked if each.startswith("board")]
    assert (asked[0], asked.count("board")) == ("board", 3)
