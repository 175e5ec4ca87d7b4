"""When nobody tells the console anything, it says so: no value may look fresh that nobody vouches for."""

from __future__ import annotations

import re
from collections import Counter

from playwright.sync_api import expect

from tests.browser.cable import Cable
from tests.browser.conftest import Place, StartJourney
from tests.browser.journey import Journey
from tests.browser.records import CLINICIAN, reading
from tests.cast import just_now

PAST_SILENCE_MS = 13_000  # two and a half heartbeats


def test_a_cut_connection_is_shown_as_stale_and_resumes_without_loss(
    start: StartJourney, place: Place, laid_cable: Cable
) -> None:
    rose = place.patient("rose_resident")
    asha = place.elsewhere_as(CLINICIAN)
    tab = start(url=laid_cable.url)
    tab.sign_in(CLINICIAN, f"/patients/{rose}")
    tab.wait_until_live()
    expect(tab.sign("oxygen_saturation")).not_to_contain_text("Stale")

    laid_cable.cut()
    expect(tab.connection).to_contain_text("Values shown may be out of date")
    expect(tab.connection).to_contain_text(re.compile(r"last update \d\d:\d\d:\d\d"))
    for tile in tab.page.locator("[data-sign]").all():
        expect(tile).to_contain_text("Stale")

    recorded, at = [], just_now().isoformat()  # of one instant: the one that was received last is the latest
    for number in range(5):
        sent = reading(f"cut-{number}", "oxygen_saturation", at, "%", value=90 + number)
        recorded += asha.record(rose, sent | {"source": f"meter-{number}"})
    laid_cable.mend()

    tab.wait_until_live()
    expect(tab.sign("oxygen_saturation")).to_contain_text("94 %")
    expect(tab.sign("oxygen_saturation")).not_to_contain_text("Stale")
    assert any(message["type"] == "welcome" and message["resumed"] for message in tab.heard)
    told = Counter(one["id"] for one in _told(tab))
    assert {each: told[each] for each in recorded} == dict.fromkeys(recorded, 1)


def _told(tab: Journey) -> list[dict[str, str]]:
    events = [message for message in tab.heard if message["type"] == "event"]
    return [observation for event in events for observation in event["observations"]]


def test_a_laptop_that_slept_shows_nothing_as_fresh_when_it_wakes(
    start: StartJourney, place: Place, laid_cable: Cable
) -> None:
    tab = start(url=laid_cable.url)
    tab.page.clock.install()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('rose_resident')}")
    tab.wait_until_live()
    laid_cable.cut()
    # The clock goes on while no timer of the page runs: that is what it is to sleep.
    # Not so long that the session would have ended, for then nothing is shown at all.
    tab.page.clock.set_system_time(tab.page.evaluate("Date.now()") / 1000 + 20 * 60)

    shown_at_once = tab.page.evaluate(
        """async () => {
            document.dispatchEvent(new Event("visibilitychange"));
            await Promise.resolve();
            return [...document.querySelectorAll("[data-sign]")].map((tile) => tile.innerText);
        }"""
    )
    assert shown_at_once
    assert all("Stale" in tile for tile in shown_at_once), shown_at_once


def test_only_a_change_of_the_connection_is_announced(start: StartJourney, place: Place, laid_cable: Cable) -> None:
    tab = start(url=laid_cable.url)
    tab.page.clock.install()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('rose_resident')}")
    tab.wait_until_live()
    announced = tab.connection.get_by_role("status")
    expect(announced).to_have_text("Readings are live.")
    # What ticks every second stands outside the announced region.
    expect(announced).not_to_contain_text(re.compile(r"\d"))
    laid_cable.cut()
    tab.page.clock.fast_forward(PAST_SILENCE_MS)
    expect(announced).to_have_text(re.compile("Readings are stale"))


def test_signing_out_ends_the_feed_and_leaves_nothing_to_go_back_to(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('rose_resident')}")
    tab.wait_until_live()
    tab.page.get_by_role("button", name="Sign out").click()
    expect(tab.page.get_by_role("heading", name="Sign in")).to_be_visible()
    heard_until_then = len(tab.heard)
    place.elsewhere_as(CLINICIAN).record(
        place.patient("rose_resident"),
        reading("after-signing-out", "heart_rate", just_now().isoformat(), "/min", value=66),
    )
    tab.page.go_back()
    expect(tab.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(tab.page.locator("[data-sign]")).to_have_count(0)
    assert len(tab.heard) == heard_until_then
    assert tab.page.evaluate("sessionStorage.length") == 0


def test_a_reload_keeps_one_signed_in_and_a_new_tab_does_not_share_the_session(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(CLINICIAN)
    tab.wait_until_live()
    assert tab.page.evaluate("sessionStorage.length") == 0
    tab.page.reload()
    tab.wait_until_live()
    another = tab.page.context.new_page()
    another.goto(f"{tab.url}/console/patients")
    expect(another.get_by_role("heading", name="Sign in")).to_be_visible()
    said = another.get_by_role("status")
    expect(said).to_contain_text("You are signed in in another tab of this browser.")
    tab.page.get_by_role("button", name="Sign out").click()
    expect(said).to_have_text("")
