"""One's own page: a person records a reading, sees it, and says that an action was done."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Place, StartJourney
from tests.browser.journey import PHONE, Journey
from tests.browser.records import CLINICIAN, LATE, PATIENT, reading
from tests.cast import PASSWORD, just_now

MOST_HEADER_PIXELS = 80


def test_a_patient_records_a_reading_on_a_phone_and_the_clinician_sees_it_live(
    start: StartJourney, place: Place
) -> None:
    clinician = start(url=place.elsewhere.url)
    clinician.sign_in(CLINICIAN, f"/patients/{place.patient('sam_at_home')}")
    clinician.wait_until_live()
    tab = start(size=PHONE)
    tab.sign_in(PATIENT)
    page = tab.page
    expect(page.get_by_role("heading", name="My health")).to_be_visible()
    page.get_by_role("link", name="Record a reading").click()
    page.get_by_label("What was measured?").select_option("blood_pressure")
    page.get_by_label("Systolic").fill("141")
    page.get_by_label("Diastolic").fill("88")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("Blood pressure 141/88 mmHg, just now")).to_be_visible()
    page.get_by_role("link", name="Back to my health").click()
    expect(tab.sign("blood_pressure")).to_contain_text("141/88 mmHg")
    expect(clinician.sign("blood_pressure")).to_contain_text("141/88 mmHg")
    page.get_by_role("link", name="Readings").click()
    row = _row(page, "141/88")
    expect(row).to_contain_text("You")
    expect(row).to_contain_text("Typed in")
    _put_right(tab, row)
    expect(clinician.sign("blood_pressure")).to_contain_text("131/88 mmHg")
    clinician.page.get_by_role("link", name="Readings").click()
    _take_back(clinician, tab)
    expect(_row(clinician.page, "131/88")).to_contain_text("Entered in error by you, ")
    expect(_row(clinician.page, "141/88")).to_contain_text("Corrected since by the patient, ")
    patients = _row(tab.page, "131/88")
    expect(patients).to_contain_text(
        re.compile(r"Entered in error by a member of staff, .+: Measured on somebody else")
    )
    for one in (tab, clinician):
        assert one.violations() == []


def _row(page: Page, value: str) -> Locator:
    """Return the row of the reading itself: a correction's row tells in its words what stood there before."""
    return page.get_by_role("row").filter(has=page.locator("s, strong").filter(has_text=value))


def _put_right(tab: Journey, row: Locator) -> None:
    """Correct the patient's own reading in its dialogue; what it said before stays, crossed out."""
    page = tab.page
    row.get_by_role("button", name="Put right").click()
    dialogue = page.get_by_role("dialog", name="Put this reading right")
    expect(dialogue).to_contain_text("Blood pressure 141/88 mmHg")
    dialogue.get_by_role("button", name="Put it right").click()
    expect(dialogue.get_by_role("alert")).to_contain_text("Choose what is wrong with it")
    dialogue.get_by_label("Something in it is wrong").check()
    expect(dialogue.get_by_label("Diastolic")).to_have_value("88")
    dialogue.get_by_role("button", name="Put it right").click()
    expect(dialogue.get_by_role("alert")).to_contain_text("Say why")
    assert tab.violations() == []
    assert tab.overflow() <= 0
    dialogue.get_by_label("Systolic").fill("131")
    dialogue.get_by_label("Why?").select_option("Typed wrongly")
    dialogue.get_by_role("button", name="Put it right").click()
    expect(_done(page).get_by_text("Put right: Blood pressure 131/88 mmHg")).to_be_focused()
    expect(row.locator("s")).to_have_text("141/88 mmHg")
    expect(row).to_contain_text(re.compile(r"Corrected since by you, \d.+: Typed wrongly"))
    expect(row.get_by_role("button")).to_have_count(0)
    corrected = _row(page, "131/88")
    expect(corrected).to_contain_text(re.compile(r"Correction of an earlier reading, made .+: Typed wrongly"))
    expect(corrected).to_contain_text("The earlier one said 141/88 mmHg")
    assert tab.violations() == []


def _done(page: Page) -> Locator:
    return page.get_by_role("region", name="Done")


def _take_back(clinician: Journey, patient: Journey) -> None:
    """Retract it as the clinician, who has both versions before them; the patient's open list follows."""
    page = clinician.page
    row = _row(page, "131/88")
    row.get_by_role("button", name="Put right").click()
    page.get_by_label("It should not be here at all").check()
    page.get_by_label("Why?").select_option("Measured on somebody else")
    assert clinician.violations() == []
    page.get_by_role("button", name="Take it back").click()
    expect(_done(page).get_by_text("Taken back: Blood pressure 131/88 mmHg")).to_be_focused()
    for readings in (page, patient.page):
        taken_back = _row(readings, "131/88")
        expect(taken_back.locator("s")).to_have_text("131/88 mmHg")
        expect(taken_back).to_contain_text("Entered in error")
        expect(taken_back.get_by_role("button")).to_have_count(0)


def test_ones_own_page_says_that_nobody_is_told_and_whom_to_call(start: StartJourney) -> None:
    tab = start(size=PHONE)
    tab.sign_in(PATIENT)
    own = tab.page.get_by_role("main")
    expect(own).to_contain_text("nobody is told when you record one")
    expect(own).to_contain_text("If you feel very unwell call 999. If you are worried call 111.")
    footer = tab.page.get_by_role("contentinfo")
    expect(footer).to_contain_text("shows readings as they were sent, in one unit for each sign")
    expect(footer).to_contain_text("Nobody is told when a reading comes in.")
    expect(footer).to_contain_text("does not call for help: in an emergency call 999")
    _go_by_the_menu(tab)


def _go_by_the_menu(tab: Journey) -> None:
    """Follow the phone's menu by keyboard: closed by Escape and by a link, it leaves the page its room."""
    page = tab.page
    box = page.get_by_role("banner").bounding_box()
    assert box is not None
    assert box["height"] < MOST_HEADER_PIXELS
    menu = page.get_by_role("button", name="Menu")
    expect(menu).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("navigation", name="Menu")).to_have_count(0)
    menu.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    links = page.get_by_role("navigation", name="Menu").get_by_role("link")
    expect(links).to_have_text(["My health", "Who can see my record", "People I act for", "Your account"])
    assert tab.violations() == []
    page.keyboard.press("Tab")
    expect(links.first).to_be_focused()
    links.last.focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(links).to_have_count(0)
    page.keyboard.press("Enter")
    links.nth(1).press("Enter")
    expect(page.get_by_role("heading", name="Who can see my record", level=1)).to_be_focused()
    expect(menu).to_have_attribute("aria-expanded", "false")


def test_a_reading_in_the_wrong_unit_is_told_in_words_and_put_right_by_one_button(start: StartJourney) -> None:
    tab = start(size=PHONE)
    tab.sign_in(PATIENT, "/my-health/record")
    page = tab.page
    page.get_by_label("What was measured?").select_option("body_temperature")
    expect(page.get_by_label("Unit").locator("option")).to_have_text(["°C", "°F"])
    page.get_by_label("Reading").fill("98.6")
    page.get_by_role("button", name="Record", exact=True).click()
    field = page.get_by_label("Reading")
    expect(page.locator("#value-error")).to_contain_text("The number looks like °F, not °C.")
    expect(page.get_by_role("main")).not_to_contain_text(re.compile(r"\[degF\]|Cel|UCUM"))
    page.get_by_role("button", name="Change the unit to °F").click()
    expect(field).to_be_focused()
    expect(field).to_have_value("98.6")
    expect(page.get_by_label("Unit")).to_have_value("[degF]")
    expect(page.get_by_role("status").filter(has_text="The unit is now °F.")).to_have_count(1)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("Body temperature 98.6 °F, just now")).to_be_visible()


def test_a_percentage_typed_as_mmol_per_mol_is_offered_its_unit_before_anything_is_said_of_fractions(
    start: StartJourney,
) -> None:
    tab = start(size=PHONE)
    tab.sign_in(PATIENT, "/my-health/record")
    page = tab.page
    page.get_by_label("What was measured?").select_option("hba1c")
    page.get_by_label("Reading").fill("7.2")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#value-error")).to_contain_text("The number looks like % (NGSP), not mmol/mol.")
    expect(page.locator("#value-error")).not_to_contain_text("whole number")
    page.get_by_role("button", name="Change the unit to % (NGSP)").click()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("HbA1c 7.2 % (NGSP), just now")).to_be_visible()


def test_a_count_with_a_fraction_is_refused_beside_its_field_before_it_is_sent(start: StartJourney) -> None:
    tab = start(size=PHONE)
    tab.sign_in(PATIENT, "/my-health/record")
    page = tab.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.url.endswith("/observations") else None)
    page.get_by_label("What was measured?").select_option("steps")
    expect(page.get_by_label("Unit")).to_have_count(0)
    page.get_by_label("Reading").fill("412.5")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#value-error")).to_contain_text("The reading must be a whole number")
    expect(page.get_by_label("Reading")).to_have_attribute("aria-invalid", "true")
    assert sent == []


def test_an_unusual_reading_is_asked_about_with_its_limit_and_where_to_turn(start: StartJourney) -> None:
    tab = start(size=PHONE)
    tab.sign_in(PATIENT, "/my-health/record")
    page = tab.page
    page.get_by_label("What was measured?").select_option("heart_rate")
    page.get_by_label("Reading").fill("205")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("heading", name="Check this reading")).to_be_focused()
    panel = page.get_by_role("main")
    expect(panel).to_contain_text("Heart rate 205 beats/min, just now")
    expect(panel).to_contain_text("A reading higher than 200 beats/min is unusual.")
    expect(panel).to_contain_text("If you feel very unwell call 999. If you are worried call 111.")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Reading")).to_have_value("205")


def test_an_action_is_marked_done_once_and_says_when_and_by_whom(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(PATIENT, "/my-health/plan")
    action = tab.page.get_by_role("listitem").filter(has_text="Measure blood pressure")
    expect(action).to_contain_text(f"Every day at {LATE}")
    done = action.get_by_role("button", name="Done")
    done.click()
    expect(action.get_by_role("status")).to_have_text(re.compile(r"^Done today at \d\d:\d\d by you$"))
    expect(done).to_have_attribute("aria-disabled", "true")
    expect(done).to_be_focused()
    expect(action).to_contain_text("done 1 of 1")
    done.press("Enter")
    tab.page.get_by_text("What was done lately").click()
    expect(tab.page.get_by_role("row").filter(has_text="Measure blood pressure")).to_have_count(1)
    expect(tab.page.get_by_role("row").filter(has_text="Measure blood pressure")).to_contain_text("Done")

    clinician = start()
    clinician.sign_in(CLINICIAN, f"/patients/{place.patient('sam_at_home')}/plan")
    seen = clinician.page.get_by_role("listitem").filter(has_text="Measure blood pressure")
    expect(seen.get_by_role("status")).to_have_text(re.compile(r"^Done today at \d\d:\d\d by the patient$"))


def test_a_phone_shows_the_latest_ten_readings_and_more_when_asked(start: StartJourney, place: Place) -> None:
    sam = place.patient("sam_at_home")
    place.elsewhere_as(CLINICIAN).record(
        sam,
        *(reading(f"many-{day}", "body_height", _days_ago(day), "cm", value=160 + day) for day in range(1, 24)),
    )
    tab = start(size=PHONE)
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url) if "/observations?" in request.url else None)
    tab.sign_in(PATIENT, "/my-health/readings")
    page = tab.page
    page.get_by_label("Show", exact=True).select_option("body_height")
    heights = page.get_by_role("row").filter(has_text="Body height")
    expect(heights).to_have_count(10)
    expect(heights.first).to_contain_text("161.0 cm")
    more = page.get_by_role("button", name="Show more readings")
    more.click()
    expect(heights).to_have_count(20)
    expect(more).to_be_focused()
    more.press("Enter")
    expect(heights).to_have_count(23)
    expect(page.get_by_text("All 23 readings are shown.")).to_be_focused()
    assert all("limit=10" in url for url in asked)


def test_a_goal_shows_its_target_and_says_when_readings_cannot_judge_it(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(PATIENT, "/my-health/goals")
    goal = tab.page.get_by_role("listitem").filter(has_text="Keep my blood pressure down")
    expect(goal).to_contain_text(re.compile(r"Blood pressure \(systolic\) below 135 mmHg by \d+ \w+ \d{4}"))
    expect(goal).not_to_contain_text("%")


def test_a_wrong_password_is_told_without_saying_which_was_wrong(start: StartJourney) -> None:
    tab = start()
    tab.go("/")
    for field, value in (("Email address", "nobody@example.test"), ("Password", f"{PASSWORD}!")):
        tab.page.get_by_label(field, exact=True).fill(value)
    tab.page.get_by_role("button", name="Sign in").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("Email address or password is not right")
    expect(tab.page.get_by_label("Password", exact=True)).to_have_value(f"{PASSWORD}!")


def _days_ago(days: int) -> str:
    return (just_now() - timedelta(days=days)).isoformat()
