"""Signing in as people do it: apps, codes, passkeys, letters; what is said when it does not work."""

from __future__ import annotations

import re
from contextlib import suppress

from playwright.sync_api import APIResponse, Error, Page, Route, expect

from tests.browser.accessible import require_accessible
from tests.browser.conftest import StartJourney
from tests.browser.door import (
    OF_ITS_OWN,
    Door,
    Phone,
    give_authenticator,
    keep_codes,
    scan,
    show_credentials,
    show_password,
    sign_out,
)
from tests.browser.journey import Journey
from tests.browser.keyboard import tab_to
from tests.browser.records import CARER, CLINICIAN, COMMISSIONER, PATIENT, email
from tests.cast import PASSWORD

ADMINISTRATOR = "jack_administrator_of_practice"
ELSEWHERE = "bea_clinician_elsewhere"
CARL = "carl_clinician_on_care_team"  # whom no test here gives a second factor
MINUTE_MS = 60 * 1000
QUARTER_OF_AN_HOUR_MS = 15 * MINUTE_MS


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_staff_set_an_app_up_at_the_door_and_sign_in_with_its_codes_or_with_one_that_they_kept(
    enter: StartJourney,
) -> None:
    tab = enter()
    page = tab.page
    show_password(tab, CLINICIAN, "/patients")
    expect(page.get_by_role("heading", name="Set up a second step", level=1)).to_be_focused()
    phone = scan(page)
    require_accessible(tab, "Set up a second step")
    page.get_by_label("6-digit code").fill(phone.wrong_code())
    page.get_by_role("button", name="Confirm the app").click()
    expect(page.get_by_role("alert")).to_contain_text("set your phone to take its date and time from the network")
    page.get_by_label("6-digit code").fill(phone.code())
    page.get_by_role("button", name="Confirm the app").click()
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(10)
    require_accessible(tab, "Keep your recovery codes")
    codes = keep_codes(page)
    expect(page.get_by_role("heading", name="Patients", level=1)).to_be_focused()

    sign_out(page)
    show_password(tab, CLINICIAN, "/patients")
    expect(page.get_by_role("heading", name="Enter your sign-in code", level=1)).to_be_focused()
    require_accessible(tab, "Enter your sign-in code")
    _reload_at_the_code(tab)
    page.get_by_label("6-digit code").fill(phone.code())
    page.get_by_role("button", name="Continue").click()
    heading(page, "Patients")

    sign_out(page)
    show_password(tab, CLINICIAN, "/patients")
    page.get_by_role("button", name="Use a recovery code instead").click()
    heading(page, "Enter a recovery code")
    page.get_by_label("Recovery code").fill(codes[0].lower())
    page.get_by_role("button", name="Continue").click()
    heading(page, "You used a recovery code")
    expect(page.get_by_role("main")).to_contain_text("9 recovery codes left")
    require_accessible(tab, "You used a recovery code")
    page.get_by_role("button", name="Continue").click()
    heading(page, "Patients")


def _reload_at_the_code(tab: Journey) -> None:
    """Reload where a code is asked for, be told why signing in begins again, and come there again."""
    tab.page.reload()
    expect(tab.page.get_by_role("status")).to_contain_text("signing in begins again when the page is reloaded")
    show_password(tab, CLINICIAN, "/patients")


def test_five_wrong_codes_and_too_long_a_wait_begin_again_and_say_why(enter: StartJourney) -> None:
    tab = enter()
    page = tab.page
    page.clock.install()
    show_password(tab, COMMISSIONER)
    phone = scan(page)
    for _ in range(5):
        page.get_by_label("6-digit code").fill(phone.wrong_code())
        page.get_by_role("button", name="Confirm the app").click()
        expect(page.get_by_role("button", name="Checking")).to_have_count(0)
    heading(page, "Sign in")
    expect(page.get_by_role("status")).to_contain_text("Five tries were not right")
    show_credentials(page, email(COMMISSIONER), PASSWORD)
    heading(page, "Set up a second step")
    page.clock.fast_forward(QUARTER_OF_AN_HOUR_MS)
    heading(page, "Sign in")
    expect(page.get_by_role("status")).to_contain_text("longer than 15 minutes")


def test_another_way_neither_forgives_a_wrong_try_nor_lengthens_the_wait(enter: StartJourney) -> None:
    tab = enter()
    page = tab.page
    page.clock.install()
    show_password(tab, ELSEWHERE, "/patients")
    phone = scan(page)
    page.get_by_label("6-digit code").fill(phone.code())
    page.get_by_role("button", name="Confirm the app").click()
    keep_codes(page)
    sign_out(page)

    show_password(tab, ELSEWHERE)
    for _ in range(3):
        _try_another(page, "6-digit code", phone.wrong_code())
    page.get_by_role("button", name="Use a recovery code instead").click()
    for _ in range(2):
        _try_another(page, "Recovery code", "0000000-0000000-0000000-0000000")
    heading(page, "Sign in")
    expect(page.get_by_role("status")).to_contain_text("Five tries were not right")

    show_credentials(page, email(ELSEWHERE), PASSWORD)
    heading(page, "Enter your sign-in code")
    page.clock.fast_forward(4 * MINUTE_MS)
    page.get_by_role("button", name="Use a recovery code instead").click()
    heading(page, "Enter a recovery code")
    page.clock.fast_forward(MINUTE_MS + 1_000)
    heading(page, "Sign in")
    expect(page.get_by_role("status")).to_contain_text("longer than 5 minutes")


def _try_another(page: Page, label: str, shown: str) -> None:
    page.get_by_label(label).fill(shown)
    with page.expect_response("**/v1/sessions/second-factor") as answered:
        page.get_by_role("button", name="Continue").click()
    assert answered.value.status == 401
    expect(page.get_by_role("button", name="Signing in…")).to_have_count(0)


def test_too_many_wrong_passwords_are_told_how_long_to_wait(enter: StartJourney) -> None:
    tab = enter()
    for _ in range(5):
        show_password(tab, "nobody_of_that_name", password="not it either")
        expect(tab.page.get_by_role("alert")).to_contain_text("Email address or password is not right")
    show_password(tab, "nobody_of_that_name", password="not it either")
    expect(tab.page.get_by_role("alert")).to_contain_text(
        re.compile(r"Wait \d+ seconds, until \d\d:\d\d, and try again")
    )


def test_a_passkey_is_made_signs_in_alone_and_as_a_second_step_and_is_removed(enter: StartJourney) -> None:
    tab = enter()
    page = tab.page
    give_authenticator(page)
    show_password(tab, "tess_herself", "/account/passkeys")
    page.get_by_label("Name").fill("My desk")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("region", name="Done")).to_contain_text("My desk is made")
    expect(page.locator("[data-passkey]")).to_contain_text("My desk")
    require_accessible(tab, "Passkeys")

    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    heading(page, "My health")

    sign_out(page)
    show_password(tab, "tess_herself", "/account/passkeys")
    heading(page, "Use your passkey")
    require_accessible(tab, "Use your passkey")
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_role("button", name="Rename My desk").click()
    expect(page.get_by_label("Name").first).to_be_focused()
    page.get_by_label("Name").first.fill("Kitchen")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-passkey]")).to_contain_text("Kitchen")
    page.get_by_role("button", name="Remove Kitchen").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("main")).to_contain_text("You have none yet")


def test_a_passkey_made_before_the_list_of_them_has_come_is_in_it(enter: StartJourney) -> None:
    tab = enter()
    page = tab.page
    give_authenticator(page)
    held: list[tuple[Route, APIResponse]] = []

    def hold_the_first(route: Route) -> None:
        if held or route.request.method != "GET":
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route("**/v1/me/passkeys", hold_the_first)
    show_password(tab, "will_himself", "/account/passkeys")
    page.get_by_label("Name").fill("My desk")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("region", name="Done")).to_contain_text("My desk is made")
    [(route, without_it)] = held
    with suppress(Error):  # nobody waits for it any more
        route.fulfill(response=without_it)
    expect(page.locator("[data-passkey]")).to_contain_text("My desk")
    page.get_by_role("button", name="Remove My desk").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("main")).to_contain_text("You have none yet")


def test_a_browser_without_the_passkey_says_so_and_the_password_still_signs_in(enter: StartJourney) -> None:
    tab = enter()
    give_authenticator(tab.page)
    tab.go("/")
    tab.page.get_by_role("button", name="Use a passkey").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("No passkey was used")
    show_credentials(tab.page, email(PATIENT), PASSWORD)
    heading(tab.page, "My health")


def test_an_invitation_is_accepted_with_a_password_of_ones_own(enter: StartJourney, door: Door) -> None:
    address = "newcomer@example.test"
    invitation = {
        "email": address,
        "display_name": "Nadia Newcomer",
        "organisation_id": str(door.cast.organisations["practice"]),
        "role": "clinician",
    }
    door.as_(ADMINISTRATOR).post("/invitations", invitation)
    tab = enter()
    page = tab.page
    link = door.link_to(address)
    page.goto(link)
    heading(page, "Accept your invitation")
    assert "token" not in page.url
    require_accessible(tab, "Accept your invitation")
    notice = page.get_by_role("link", name="how your data are used (opens in a new tab)")
    expect(notice).to_have_attribute("href", "/console/privacy")
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("alert")).to_contain_text("Use at least 12 characters")
    page.get_by_label("New password", exact=True).fill("password123456")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("alert")).to_contain_text("it is guessed first")
    expect(page.get_by_label("New password", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("New password", exact=True).fill(OF_ITS_OWN)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", name="Your account is ready", level=1)).to_be_focused()
    page.get_by_role("link", name="Sign in").click()
    with page.expect_request(lambda asked: asked.url.endswith("/v1/sessions")) as sent:
        show_credentials(page, address, OF_ITS_OWN)
    assert (sent.value.post_data_json or {}).get("device_token"), "where the password was chosen is known"
    heading(page, "Set up a second step")
    page.goto("about:blank")
    page.goto(link)
    heading(page, "This invitation has already been accepted")
    require_accessible(tab, "This invitation has already been accepted")


def test_a_patient_who_accepts_says_when_they_were_born(enter: StartJourney, door: Door) -> None:
    address, practice = "una@example.test", str(door.cast.organisations["practice"])
    role = {"organisation_id": practice, "role": "clinician"}
    door.as_("admin").post(f"/accounts/{door.cast.accounts[CARL]}/memberships", role)
    una = {"given_name": "Una", "family_name": "Invited", "born_on": "1950-05-05", "practice_id": practice}
    made = door.as_(CARL).post("/patients", una)["id"]
    door.as_(CARL).post(f"/patients/{made}/invitations", {"email": address, "display_name": "Una Invited"})
    tab = enter()
    page = tab.page
    page.goto(door.link_to(address))
    heading(page, "Accept your invitation")
    require_accessible(tab, "Accept your invitation")
    page.get_by_label("New password", exact=True).fill(OF_ITS_OWN)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your date of birth")
    for day, told in (("6", "Check the date, or ask your practice which one it has."), ("5", None)):
        for label, typed in (("Day", day), ("Month", "5"), ("Year", "1950")):
            page.get_by_label(label).fill(typed)
        page.get_by_role("button", name="Save the password").click()
        if told is not None:
            expect(page.get_by_role("alert")).to_contain_text(told)
    expect(page.get_by_role("heading", name="Your account is ready", level=1)).to_be_focused()
    page.get_by_role("link", name="Sign in").click()
    show_credentials(page, address, OF_ITS_OWN)
    heading(page, "My health")


def test_a_forgotten_password_is_replaced_and_its_link_works_once(enter: StartJourney, door: Door) -> None:
    tab = enter()
    page = tab.page
    tab.go("/")
    page.get_by_role("link", name="Forgotten your password?").click()
    expect(page.get_by_role("heading", name="Forgotten password", level=1)).to_be_focused()
    said = []
    for address in ("nobody@elsewhere.test", email("rose_herself")):
        page.get_by_label("Email address").fill(address)
        page.get_by_role("button", name="Send the letter").click()
        expect(page.get_by_role("heading", name="Look into your mailbox", level=1)).to_be_focused()
        said.append(page.get_by_role("main").inner_text())
        require_accessible(tab, "Look into your mailbox")
        tab.go("/forgotten-password")
    assert said[0] == said[1]
    link = door.link_to(email("rose_herself"))
    page.goto(link)
    heading(page, "Choose a new password")
    page.get_by_label("New password", exact=True).fill(OF_ITS_OWN)
    page.get_by_role("button", name="Save the password").click()
    heading(page, "Your password is changed")
    page.get_by_role("link", name="Sign in").click()
    show_credentials(page, email("rose_herself"), OF_ITS_OWN)
    heading(page, "My health")

    other = enter()
    other.page.goto(link)
    heading(other.page, "This link no longer works")  # before anything was typed
    require_accessible(other, "This link no longer works")
    other.page.reload()
    expect(other.page.get_by_role("main")).to_contain_text("This page needs the link of the letter")


def test_who_is_signed_in_uses_no_link_for_somebody_else(enter: StartJourney, door: Door) -> None:
    tab = enter()
    show_password(tab, PATIENT)
    heading(tab.page, "My health")
    tab.page.goto(f"{tab.url}/console/invitation#token=whatever")
    heading(tab.page, "This invitation does not work")  # nobody signs out for it
    practice = {"organisation_id": str(door.cast.organisations["practice"]), "role": "clinician"}
    door.as_(ADMINISTRATOR).post("/invitations", practice | {"email": "other@example.test", "display_name": "Another"})
    tab.page.goto(door.link_to("other@example.test"))
    expect(tab.page.get_by_role("main")).to_contain_text("You are signed in as sam himself")
    tab.page.get_by_role("button", name="Sign out and go on").click()
    expect(tab.page.get_by_label("New password", exact=True)).to_be_visible()


def test_a_password_that_somebody_else_chose_is_changed_first(enter: StartJourney, door: Door) -> None:
    account = {
        "email": "given@example.test",
        "display_name": "Given Password",
        "password": "chosen by an administrator",
        "organisation_id": str(door.cast.organisations["practice"]),
    }
    door.as_(ADMINISTRATOR).post("/accounts", account)
    tab = enter()
    tab.go("/")
    show_credentials(tab.page, account["email"], account["password"])
    expect(tab.page.get_by_role("heading", name="Choose your own password", level=1)).to_be_focused()
    require_accessible(tab, "Choose your own password")
    tab.page.get_by_label("New password", exact=True).fill(account["password"])
    tab.page.get_by_role("button", name="Save and continue").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("another than the one you were given")
    tab.page.get_by_label("New password", exact=True).fill(OF_ITS_OWN)
    tab.page.get_by_role("button", name="Save and continue").click()
    heading(tab.page, "People I act for")


def test_by_keyboard_alone(enter: StartJourney) -> None:
    tab = enter()
    page = tab.page
    tab.go("/")
    heading(page, "Sign in")
    tab_to(page, "Email address")
    page.keyboard.type(email(CARER))
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Set up a second step", level=1)).to_be_focused()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    tab_to(page, "I cannot scan the picture")
    page.keyboard.press("Enter")
    secret = (page.locator("[data-secret]").inner_text()).replace(" ", "")
    tab_to(page, "6-digit code")
    page.keyboard.type(Phone(secret).code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Keep your recovery codes", level=1)).to_be_focused()
    tab_to(page, "I have kept them")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Patients", level=1)).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    tab_to(page, "Your account")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your account", level=1)).to_be_focused()
