"""One's own account: where one is signed in, the password, the second step; and sessions that end by themselves."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.accessible import require_accessible
from tests.browser.conftest import Place, StartJourney
from tests.browser.door import OF_ITS_OWN, Door, keep_codes, scan, show_credentials, show_password, sign_out
from tests.browser.journey import Journey
from tests.browser.records import CLINICIAN, PATIENT, email
from tests.cast import PASSWORD

MINUTE_MS = 60 * 1000
WARNED_AT_MS = 28 * MINUTE_MS
IDLE_AT_MS = 30 * MINUTE_MS
WARNED_SECONDS = 120


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_ending_another_browser_s_session_shows_that_one_the_door(start: StartJourney, place: Place) -> None:
    place.elsewhere_as(CLINICIAN)  # a program's session, which is no browser's
    there = start()
    there.sign_in(CLINICIAN)
    there.wait_until_live()
    here = start()
    here.sign_in(CLINICIAN, "/account/sessions")
    heading(here.page, "Where you are signed in")
    current = here.page.locator("[data-session=current]")
    expect(current).to_contain_text("This browser")
    expect(current.get_by_role("button")).to_have_count(0)
    expect(current).not_to_contain_text("did not say")
    by_program = here.page.locator("[data-session=other]").filter(has_text="Another program")
    expect(by_program.last).to_contain_text("It did not say that it is a browser or an app.")
    require_accessible(here, "Where you are signed in")
    here.page.locator("[data-session=other]").first.get_by_role("button").click()
    require_accessible(here, "Where you are signed in")
    here.page.get_by_role("button", name="End it").click()
    expect(here.page.get_by_role("region", name="Done")).to_contain_text("is ended")
    expect(there.page.get_by_role("heading", name="Sign in", level=1)).to_be_focused()
    expect(there.page.get_by_role("status")).to_contain_text("Your session was ended")
    expect(there.connection).to_have_count(0)


def test_signing_out_everywhere_else_clears_pages_that_nobody_touches(start: StartJourney) -> None:
    there = start()
    there.page.clock.install()
    there.sign_in(PATIENT, "/account")
    here = start()
    beside = Journey(here.page.context.new_page(), here.url)
    beside.sign_in(PATIENT, "/my-record")
    heading(beside.page, "Who can see my record")
    here.sign_in(PATIENT, "/account/sessions")
    here.page.get_by_role("button", name="End all other sessions").click()
    here.page.get_by_role("button", name="End all others").click()
    expect(here.page.get_by_role("region", name="Done")).to_contain_text("signed out everywhere else")
    expect(here.page.locator("[data-session]")).to_have_count(1)
    heading(beside.page, "Sign in")  # a tab of this browser at once, another device within a minute
    heading(there.page, "Your account")
    there.page.clock.fast_forward(MINUTE_MS)
    for cleared in (there, beside):
        expect(cleared.page.get_by_role("heading", name="Sign in", level=1)).to_be_focused()
        expect(cleared.page.get_by_role("status")).to_contain_text("typed and not saved is lost")
    require_accessible(there, "Sign in")


def test_a_password_is_changed_and_what_is_wrong_with_it_stands_at_its_field(enter: StartJourney) -> None:
    tab = enter()
    page = tab.page
    show_password(tab, "nobody_at_all", "/account")
    heading(page, "Your account")
    require_accessible(tab, "Your account")
    page.get_by_role("link", name="Change your password").click()
    expect(page.get_by_role("heading", name="Change your password", level=1)).to_be_focused()
    require_accessible(tab, "Change your password")
    page.get_by_label("Current password", exact=True).fill("not mine at all")
    page.get_by_label("New password", exact=True).fill(OF_ITS_OWN)
    page.get_by_role("button", name="Save the new password").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("This is not your present password")
    summary.get_by_role("link").click()
    expect(page.get_by_label("Current password", exact=True)).to_be_focused()
    require_accessible(tab, "Change your password")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Save the new password").click()
    expect(page.get_by_role("region", name="Done")).to_contain_text("Your password is changed")
    sign_out(page)
    show_credentials(page, email("nobody_at_all"), OF_ITS_OWN)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_second_step_is_set_up_renewed_and_removed_once_one_has_confirmed_that_it_is_oneself(
    enter: StartJourney, door: Door
) -> None:
    tab = enter()
    page = tab.page
    show_password(tab, "sam_himself", "/account/second-step")
    heading(page, "Second step of signing in")
    require_accessible(tab, "Second step of signing in")
    door.forgets_who_confirmed()
    opener = page.get_by_role("button", name="Set up an authenticator app")
    opener.click()
    dialogue = page.get_by_role("dialog", name="Confirm that it is you")
    require_accessible(tab, "Second step of signing in")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.click()
    _confirm_by_password(dialogue)
    heading(page, "Set up an authenticator app")
    phone = scan(page)
    page.get_by_label("6-digit code").fill(phone.code())
    page.get_by_role("button", name="Confirm the app").click()
    expect(page.get_by_role("list", name="Recovery codes")).to_be_visible()
    expect(page.get_by_text("Those made before no longer work.")).to_have_count(0)
    keep_codes(page)
    expect(page.get_by_role("main")).to_contain_text("10 recovery codes left")
    require_accessible(tab, "Second step of signing in")

    door.forgets_who_confirmed()
    page.get_by_role("button", name="Make new recovery codes").click()
    page.get_by_role("button", name="Make new codes").click()
    dialogue.get_by_role("button", name="Use your 6-digit code").click()
    dialogue.get_by_label("6-digit code").fill(phone.code())
    dialogue.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Those made before no longer work.")).to_be_visible()
    assert len(keep_codes(page)) == 10
    page.get_by_role("button", name="Remove the authenticator app").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("region", name="Done")).to_contain_text("is removed")
    expect(page.get_by_role("button", name="Set up an authenticator app")).to_be_visible()


def _confirm_by_password(dialogue: Locator) -> None:
    """Show a wrong password, then the right one."""
    dialogue.get_by_label("Password", exact=True).fill("not it at all")
    dialogue.get_by_role("button", name="Confirm").click()
    expect(dialogue.get_by_role("alert")).to_contain_text("This is not your password")
    dialogue.get_by_label("Password", exact=True).fill(PASSWORD)
    dialogue.get_by_role("button", name="Confirm").click()


def test_who_does_nothing_is_warned_may_stay_and_is_then_signed_out(start: StartJourney) -> None:
    tab = start()
    page = tab.page
    page.clock.install()
    tab.sign_in(PATIENT, "/account")
    heading(page, "Your account")
    page.clock.fast_forward(WARNED_AT_MS)
    warning = page.get_by_role("alertdialog", name="Are you still there?")
    expect(warning).to_contain_text("signed out in 2 minutes")
    require_accessible(tab, "Your account")
    page.keyboard.press("Escape")
    expect(warning).to_have_count(0)
    page.clock.fast_forward(WARNED_AT_MS)
    expect(warning).to_be_visible()
    page.clock.fast_forward(2 * MINUTE_MS)
    expect(page.get_by_role("heading", name="Sign in", level=1)).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("you had not used Tendwell for a while")


def test_a_live_board_is_use_and_a_page_that_only_stands_there_is_none(start: StartJourney) -> None:
    tab = start()
    page = tab.page
    _tell(page, session_idle_limit=WARNED_SECONDS + 2)
    with page.expect_websocket() as opened:
        tab.sign_in(CLINICIAN)
    tab.wait_until_live()
    opened.value.wait_for_event("framereceived", lambda frame: '"heartbeat"' in frame)
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("alertdialog", name="Are you still there?")).to_be_visible()


def test_a_live_board_is_gone_when_its_session_has_lasted_as_long_as_it_may(start: StartJourney) -> None:
    tab = start()
    page = tab.page
    _tell(page, session_expires_in=8)
    show_password(tab, CLINICIAN)
    expect(page.get_by_role("alertdialog", name="Your session is about to end")).to_be_visible()
    tab.wait_until_live()
    expect(page.get_by_role("heading", name="Sign in", level=1)).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("signed in for as long as is safe")
    expect(tab.connection).to_have_count(0)
    expect(page.get_by_role("alertdialog")).to_have_count(0)


def _tell(page: Page, **limits: int) -> None:
    """Have the page be told other limits of its session than the API's own, which last for hours."""

    def told(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | limits)

    page.route("**/v1/sessions", told)


def test_a_board_left_alone_with_its_line_cut_does_not_come_back_to_life(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.page.clock.install()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('rose_resident')}")
    tab.wait_until_live()
    tab.page.context.set_offline(True)
    tab.page.clock.fast_forward(IDLE_AT_MS)
    heading(tab.page, "Sign in")
    expect(tab.page.get_by_role("main")).not_to_contain_text("RESIDENT")
    tab.page.context.set_offline(False)


def test_who_signs_out_in_one_tab_is_out_in_the_others_of_this_browser(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(PATIENT)
    second = Journey(tab.page.context.new_page(), tab.url)
    second.sign_in(PATIENT)
    sign_out(tab.page)
    heading(second.page, "Sign in")
    expect(second.page.get_by_role("status")).to_contain_text("signed out in another tab")
