"""Every page, on a desk and on a phone: no violation that axe knows of, and nothing wider than the window."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.accessible import require_accessible
from tests.browser.cable import Cable
from tests.browser.conftest import Place, StartJourney
from tests.browser.journey import PHONE, Journey
from tests.browser.records import CLINICIAN, COMMISSIONER, PATIENT

PAST_SILENCE_MS = 13_000  # two and a half heartbeats
LEAST_LEGIBLE_PIXELS = 12
LABELS_OF_A_RATIO = 7
# As large as they come out: a drawing may be scaled as a whole.
_PIXELS_OF_LABELS = """() => [...document.querySelectorAll("svg.tw-ratio text")].map(
    (label) => parseFloat(getComputedStyle(label).fontSize) * label.getScreenCTM().d)"""


def test_signing_in(start: StartJourney) -> None:
    tab = start()
    tab.go("/")
    require_accessible(tab, "Sign in")
    tab.page.get_by_role("button", name="Sign in").click()
    expect(tab.page.get_by_role("alert")).to_be_visible()
    require_accessible(tab, "Sign in")
    tab.page.get_by_role("link", name="How your data are used").click()
    expect(tab.page.get_by_role("heading", name="How your data are used", level=1)).to_be_focused()
    expect(tab.page.get_by_role("heading", name="Whether a service helps")).to_be_visible()
    expect(tab.page.get_by_role("row").filter(has_text="Audit trail")).to_contain_text("30 years")
    require_accessible(tab, "How your data are used")


def test_the_board_live_and_stale(start: StartJourney, laid_cable: Cable) -> None:
    tab = start(url=laid_cable.url)
    tab.page.clock.install()
    tab.sign_in(CLINICIAN)
    tab.wait_until_live()
    require_accessible(tab, "Patients")
    laid_cable.cut()
    tab.page.clock.fast_forward(PAST_SILENCE_MS)
    expect(tab.connection).to_contain_text("out of date")
    require_accessible(tab, "Patients")


def test_a_record(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('rose_resident')}")
    tab.wait_until_live()
    tab.page.get_by_text("Show as a table").first.click()
    expect(tab.page.locator(".uplot").first).to_be_visible()
    require_accessible(tab, "RESIDENT, Rose")
    _open(tab, "Readings")
    tab.page.get_by_label("Show").select_option("blood_pressure")
    expect(tab.page.get_by_role("row")).to_have_count(2)  # axe takes long over long tables, and finds no more in them
    require_accessible(tab, "RESIDENT, Rose")
    for part in ("Goals", "Action plan"):
        _open(tab, part)
        require_accessible(tab, "RESIDENT, Rose")


def test_recording_a_reading(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('rose_resident')}/record")
    tab.page.get_by_label("What was measured?").select_option("consciousness_acvpu")
    tab.page.get_by_label("Earlier").check()
    tab.page.get_by_role("button", name="Record", exact=True).click()
    expect(tab.page.get_by_role("alert")).to_be_visible()
    require_accessible(tab, "RESIDENT, Rose")
    tab.page.get_by_label("What was measured?").select_option("body_temperature")
    expect(tab.page.get_by_role("alert")).to_have_count(0)  # it spoke of fields that are gone
    tab.page.get_by_label("Reading").fill("33")
    tab.page.get_by_role("button", name="Record", exact=True).click()
    expect(tab.page.get_by_role("heading", name="Check this reading")).to_be_visible()
    require_accessible(tab, "RESIDENT, Rose")


def test_the_commissioners_page(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(COMMISSIONER)
    expect(tab.page.get_by_role("heading", name="Method")).to_be_visible()
    tab.page.get_by_text("How this was counted").first.click()
    require_accessible(tab, "Outcomes")
    tab.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    drawn = tab.page.evaluate(_PIXELS_OF_LABELS)
    assert len(drawn) >= LABELS_OF_A_RATIO
    assert min(drawn) >= LEAST_LEGIBLE_PIXELS


def test_ones_own_pages(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(PATIENT)
    tab.wait_until_live()
    require_accessible(tab, "My health")
    for part, heading in (("Goals", "My goals"), ("Action plan", "My action plan")):
        _open(tab, part)
        require_accessible(tab, heading)
    _open(tab, "How your data are used")
    expect(tab.page.get_by_role("table", name="How long data are kept")).to_be_visible()
    require_accessible(tab, "How your data are used")


def _open(tab: Journey, part: str) -> None:
    tab.page.get_by_role("link", name=part, exact=True).click()
    expect(tab.page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
