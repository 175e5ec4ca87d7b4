"""Organisations, accounts, roles and invitations in the browser: what is ended is ended; no record is near."""

from __future__ import annotations

import json

from playwright.sync_api import Locator, Route, expect

from tests.browser.accessible import require_accessible
from tests.browser.conftest import Place, StartJourney
from tests.browser.journey import Journey
from tests.browser.keyboard import tab_to
from tests.browser.records import CLINICIAN
from tests.cast import PASSWORD

ADMIN, JACK, DORA, NED = (
    "admin",
    "jack_administrator_of_practice",
    "dora_clinician_left_care_team",
    "ned_clinician_on_team_from_tomorrow",
)


def test_an_administrator_comes_to_accounts_and_has_no_way_to_a_record(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(JACK)
    expect(tab.page.get_by_role("heading", name="Accounts", level=1)).to_be_visible()
    menu = tab.page.get_by_role("navigation", name="Menu").get_by_role("link")
    expect(menu).to_have_text(["Accounts", "Invitations", "Organisations"])
    for path in ("/patients", f"/patients/{place.patient('rose_resident')}", "/emergency-access", "/privacy-alerts"):
        tab.go(path)
        expect(tab.page.get_by_role("heading", name="Page not found")).to_be_visible()


def test_a_colleague_is_invited_and_the_invitation_withdrawn_by_keyboard_alone(start: StartJourney) -> None:
    tab = start()
    page = tab.page
    tab.sign_in(ADMIN, "/invitations")
    expect(page.get_by_role("heading", name="Invite a colleague")).to_be_visible()
    tab_to(page, "Name")
    page.keyboard.type("Dr Iona New")
    tab_to(page, "Email address")
    page.keyboard.type("iona.new@example.test")
    tab_to(page, "Role")
    page.keyboard.type("Care home staff")
    expect(page.get_by_label("Where").get_by_role("option", name="Practice, ODS code")).to_have_count(0)
    tab_to(page, "Where")
    page.keyboard.type("Invented care_home")
    tab_to(page, "Role")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Where").get_by_role("option", name="Care home, ODS code")).to_have_count(0)
    tab_to(page, "Send the invitation")
    page.keyboard.press("Enter")
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_contain_text("Choose where")  # a home is no place for a clinician: it is not kept
    require_accessible(tab, "Invitations")
    tab_to(page, "Where")
    page.keyboard.type("Invented practice")
    tab_to(page, "Send the invitation")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Dr Iona New was invited. The letter is on its way.")).to_be_focused()

    sent = page.get_by_role("region", name="Dr Iona New")
    expect(sent).to_contain_text("Waiting")
    expect(sent).to_contain_text("Clinician, Invented practice")
    tab_to(page, "Withdraw the invitation of Dr Iona New")
    page.keyboard.press("Enter")
    tab_to(page, "Yes, withdraw it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The invitation of Dr Iona New was withdrawn.")).to_be_focused()
    expect(sent).to_contain_text("Withdrawn")
    require_accessible(tab, "Invitations")


def test_an_organisation_is_added_below_another_and_its_code_is_there_once(start: StartJourney) -> None:
    tab = start()
    page = tab.page
    tab.sign_in(ADMIN, "/organisations")
    for _ in range(2):
        page.get_by_label("Part of").select_option(label="Invented network (Network, ODS code U99999)")
        page.get_by_label("What is it?").select_option("practice")
        page.get_by_label("Name", exact=True).fill("Linden Surgery")
        page.get_by_label("ODS code").fill("y81234")
        page.get_by_role("button", name="Add it").click()
        added = page.get_by_role("listitem").filter(has_text="Linden Surgery").last
        expect(added).to_contain_text("Practice, ODS code Y81234")
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_contain_text("already recorded")
    require_accessible(tab, "Organisations")


def test_of_two_who_rename_at_once_the_second_is_told_and_sees_the_first_s_name(
    start: StartJourney, place: Place
) -> None:
    path = f"/accounts/{place.cast.accounts[NED]}"
    tab, other = start(), start()
    for each in (tab, other):
        each.sign_in(ADMIN, path)
        each.page.get_by_role("button", name="Rename").click()
    for each, name in ((other, "Ned Quicker"), (tab, "Ned Slower")):
        each.page.get_by_label("New name").fill(name)
        each.page.get_by_role("button", name="Save").click()
        expect(other.page.get_by_text("The account is shown as Ned Quicker now.")).to_be_visible()
    expect(tab.page.get_by_role("alert")).to_contain_text("Somebody changed this meanwhile, so nothing was saved.")
    require_accessible(tab, NED.replace("_", " "))
    tab.page.get_by_role("button", name="Load what it says now").click()
    expect(tab.page.get_by_label("New name")).to_have_value("Ned Quicker")
    expect(tab.page.get_by_label("New name")).to_be_focused()


def test_a_role_is_given_from_a_later_day_and_ended(start: StartJourney, place: Place) -> None:
    tab = start()
    page = tab.page
    tab.sign_in(ADMIN, f"/accounts/{place.cast.accounts['hope_staff_of_former_home']}")
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a role")
    page.get_by_label("Role", exact=True).select_option("care_home_staff")
    page.get_by_label("Where").select_option(label="Invented care_home (Care home, ODS code VHOME1)")
    page.get_by_label("From a later day").check()
    for part, typed in (("Day", "31"), ("Month", "2"), ("Year", "2027")):
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a real date")
    page.get_by_label("Day", exact=True).fill("28")
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_text("was given the role: Care home staff.")).to_be_focused()
    role = page.get_by_role("listitem").filter(has_text="Care home staff at Invented care_home, from 28 Feb 2027")
    expect(role).to_be_visible()
    require_accessible(tab, "hope staff of former home")
    role.get_by_role("button", name="End").click()
    role.get_by_role("button", name="Yes, end it now").click()
    expect(page.get_by_text("The role has ended.")).to_be_focused()
    expect(role).to_have_count(0)


def test_an_account_that_is_disabled_is_signed_out_where_it_was_open(start: StartJourney, place: Place) -> None:
    dora, tab = start(), start()
    dora.sign_in(DORA)
    expect(dora.page.get_by_role("heading", name="Patients", level=1)).to_be_visible()
    tab.sign_in(ADMIN)
    tab.page.get_by_label("Search by name or email address").fill("dora")
    expect(tab.page.get_by_role("row")).to_have_count(2)
    require_accessible(tab, "Accounts")
    tab.page.get_by_role("link", name="dora clinician left care team").click()
    tab.page.get_by_role("button", name="Disable this account").click()
    tab.page.get_by_role("button", name="Yes, disable it now").click()
    expect(tab.page.get_by_text("The account is disabled.")).to_be_focused()
    dora.page.reload()
    expect(dora.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_care_team_is_made_its_list_and_members_kept_and_left_again(start: StartJourney, place: Place) -> None:
    asha = start()
    page = asha.page
    asha.sign_in(CLINICIAN, "/care-teams")
    page.get_by_label("Name of the team").fill("Falls team")
    page.get_by_role("button", name="Make the team").click()
    expect(page.get_by_text("Falls team was made. You are its first member.")).to_be_focused()
    team = page.get_by_role("region", name="Falls team")
    expect(team).to_contain_text("You are its only member.")
    _put_a_colleague_on(asha, team, str(place.cast.accounts["carl_clinician_on_care_team"]))
    team.get_by_text("Patients on its list").click()
    team.get_by_label("Put somebody on the list").fill("sam ho")
    team.get_by_role("button", name="Put on the list HOME, Sam").click()
    expect(page.get_by_text("HOME, Sam is on the list of Falls team.")).to_be_focused()
    listed = team.get_by_role("listitem").filter(has_text="HOME, Sam")
    require_accessible(asha, "Care teams")
    listed.get_by_role("button", name="Take off").click()
    listed.get_by_role("button", name="Yes, take them off").click()
    expect(page.get_by_text("HOME, Sam is off the list of Falls team.")).to_be_focused()
    team.get_by_role("button", name="Leave the team").click()
    team.get_by_role("button", name="Yes, leave it").click()
    expect(page.get_by_text("You have left Falls team.")).to_be_focused()
    expect(team).to_contain_text("Nobody is on it.")


def _put_a_colleague_on(tab: Journey, team: Locator, number: str) -> None:
    """Put a colleague from elsewhere on the team by the number of their account, and take them off by name."""
    team.locator("summary").filter(has_text="Colleagues on it (0)").press("Enter")
    field = team.get_by_label("Put a clinician on the team")
    nobody = "0195d1c0-0000-7000-8000-0000000000d1"
    for typed, said in (("Carl", "36 characters"), (nobody, "Name a clinician's account.")):
        field.fill(typed)
        field.press("Enter")
        expect(team.get_by_role("alert")).to_contain_text(said)
    field.fill(number)
    field.press("Enter")
    expect(tab.page.get_by_text("Your colleague is on Falls team.")).to_be_focused()
    expect(team).to_contain_text("2 members, you among them.")
    colleague = team.get_by_role("listitem").filter(has_text="carl clinician on care team")
    colleague.get_by_role("button", name="Take off").press("Enter")
    colleague.get_by_role("button", name="Yes, take them off").press("Enter")
    expect(tab.page.get_by_text("carl clinician on care team is off Falls team.")).to_be_focused()


def test_a_lost_second_step_is_removed_only_after_showing_who_one_is(start: StartJourney, place: Place) -> None:
    tab = start()
    page = tab.page
    refusals = iter([True])
    page.route("**/factors/reset", lambda route: _confirm_first(route) if next(refusals, False) else route.continue_())
    tab.sign_in(ADMIN, f"/accounts/{place.cast.accounts['mona_clinician_from_tomorrow']}")
    page.get_by_role("button", name="Remove the second step").click()
    page.get_by_role("button", name="Yes, remove it now").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("sets the second step up anew at the next sign-in.")).to_be_focused()


def _confirm_first(route: Route) -> None:
    """Answer as the API does ten minutes after signing in."""
    told = {
        "type": "/problems/confirmation-needed",
        "title": "Confirm that it is you",
        "status": 403,
        "detail": "",
        "request_id": "",
    }
    route.fulfill(status=403, content_type="application/problem+json", body=json.dumps(told))
