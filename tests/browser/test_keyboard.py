"""The whole journey without a mouse: every step by Tab, Enter, arrow keys and typing."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Place, StartJourney
from tests.browser.keyboard import tab_to
from tests.browser.records import CLINICIAN, email
from tests.cast import PASSWORD


def test_signing_in_reading_and_recording_by_keyboard_alone(start: StartJourney, place: Place) -> None:
    tab = start()
    page = tab.page
    tab.go("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    tab_to(page, "Email address")
    page.keyboard.type(email(CLINICIAN))
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Patients")).to_be_visible()

    tab_to(page, "HOME, Sam")
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_be_focused()
    expect(page).to_have_title("Overview: HOME, Sam – Tendwell")

    tab_to(page, "Record a reading")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Record a reading: HOME, Sam – Tendwell")
    tab_to(page, "What was measured?")
    page.keyboard.type("Heart rate")
    tab_to(page, "Reading")
    page.keyboard.type("210")
    page.keyboard.press("Enter")

    question = page.get_by_role("heading", name="Check this reading")
    expect(question).to_be_focused()
    tab_to(page, "The reading is right")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Recorded")).to_be_focused()
    _put_right_by_keyboard(page)
    tab_to(page, "Back to the overview")
    page.keyboard.press("Enter")
    expect(tab.sign("heart_rate")).to_contain_text("110 beats/min")


def _put_right_by_keyboard(page: Page) -> None:
    """Mend the slip where it is first seen, after a look back."""
    opener = page.get_by_role("button", name="Put it right")
    tab_to(page, "Put it right")
    page.keyboard.press("Enter")
    title = page.get_by_role("heading", name="Put this reading right")
    expect(title).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(title).to_be_focused()
    tab_to(page, "Something in it is wrong")
    page.keyboard.press("Space")
    tab_to(page, "Reading")
    page.keyboard.type("110")
    tab_to(page, "Why?")
    page.keyboard.type("Typed")
    tab_to(page, "Put it right")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Put right")).to_be_focused()


def test_the_skip_link_comes_first_and_leads_past_the_header(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(CLINICIAN)
    tab.wait_until_live()
    tab.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    tab.page.reload()
    tab.wait_until_live()
    tab.page.keyboard.press("Tab")
    expect(tab.page.get_by_role("link", name="Skip to main content")).to_be_focused()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("main")).to_be_focused()


def test_an_error_takes_the_focus_and_leads_to_its_field(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('sam_at_home')}/record")
    page = tab.page
    page.get_by_label("What was measured?").select_option("body_temperature")
    page.get_by_label("Reading").fill("98.6")
    page.get_by_role("button", name="Record", exact=True).click()
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_contain_text("This cannot be a measurement of this vital sign in this unit.")
    expect(summary).to_contain_text("It must lie between 25 and 45 °C.")
    summary.get_by_role("link").click()
    field = page.get_by_label("Reading")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("98.6")
    page.get_by_label("Unit").select_option("[degF]")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("heading", name="Recorded")).to_be_focused()
