"""Who may see what, in the browser: delegates, consents, who looked, copies, emergencies; at once, on open pages."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.accessible import require_accessible
from tests.browser.conftest import Place, StartJourney
from tests.browser.journey import Journey
from tests.browser.keyboard import tab_to
from tests.browser.records import CLINICIAN
from tests.cast import DELEGATE_TEXT

ROSE, WILL, TESS = "rose_herself", "will_himself", "tess_herself"
NOBODY, VIC, CARL, BEA = (
    "nobody_at_all",
    "vic_delegate_who_records",
    "carl_clinician_on_care_team",
    "bea_clinician_elsewhere",
)
OLGA = "olga_staff_of_future_home"
LENA, PIA, SAUL = "lena_clinician_patient_left_team", "pia_clinician_broke_glass", "saul_privacy_officer"


def test_who_is_handed_a_code_sees_what_its_scope_allows_until_the_person_ends_it(start: StartJourney) -> None:
    rose, helper = start(), start()
    rose.sign_in(ROSE, "/my-record")
    rose.page.get_by_role("link", name="Let somebody act for me").click()
    require_accessible(rose, "Let somebody act for me")
    code = _code(rose, "See my record")
    require_accessible(rose, "Let somebody act for me")
    rose.page.get_by_role("link", name="People I act for").click()
    rose.page.get_by_label("Code", exact=True).fill(code)
    rose.page.get_by_role("button", name="Act for them").click()
    expect(rose.page.get_by_role("alert")).to_contain_text("This code opens your own record.")

    helper.sign_in(NOBODY)
    expect(helper.page.get_by_role("heading", name="People I act for")).to_be_visible()
    expect(helper.page.get_by_text("You act for nobody at present.")).to_be_visible()
    helper.page.get_by_label("Code", exact=True).fill(code.lower())
    helper.page.get_by_role("button", name="Act for them").click()
    expect(helper.page.get_by_text("You now act for Rose Resident. You can see the record.")).to_be_focused()
    require_accessible(helper, "People I act for")
    helper.page.get_by_role("link", name="Rose Resident").click()
    helper.wait_until_live()
    expect(helper.sign("respiratory_rate")).to_contain_text("breaths/min")
    main = helper.page.get_by_role("main")
    expect(main).to_contain_text("You act for Rose Resident. You may: see the record.")
    for not_in_scope in ("Record a reading", "Who can see it", "Choices", "Who has looked"):
        expect(main.get_by_role("link", name=not_in_scope)).to_have_count(0)
    require_accessible(helper, "Rose Resident")

    rose.page.get_by_role("link", name="Who can see my record").click()
    _reads_who_cares(rose)
    panel = _panel(rose.page, "nobody at all")
    expect(panel).to_contain_text("Has access")
    panel.get_by_role("button", name="End access").click()
    panel.get_by_role("button", name="Yes, end it now").click()
    expect(rose.page.get_by_text("nobody at all no longer has access.")).to_be_focused()
    expect(panel).to_have_count(0)
    expect(helper.page.get_by_role("heading", name="No longer yours to see")).to_be_visible()
    expect(helper.page.get_by_role("main")).not_to_contain_text("Rose")
    require_accessible(helper, "No longer yours to see")


def _reads_who_cares(rose: Journey) -> None:
    caring = rose.page.locator("[data-caring]")
    expect(caring).to_contain_text("The care team “team” of Invented practice: asha clinician of practice and carl")
    expect(caring).to_contain_text("The staff of Invented care_home, while you live there.")
    require_accessible(rose, "Who can see my record")


def test_staff_find_whom_they_act_for_apart_from_their_patients(start: StartJourney, place: Place) -> None:
    rose, olga = place.patient("rose_resident"), place.elsewhere_as(OLGA)
    terms = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}
    code = place.elsewhere_as(ROSE).post(f"/patients/{rose}/delegates", terms)["code"]
    tab = start()
    tab.sign_in(OLGA)
    menu = tab.page.get_by_role("navigation", name="Menu").get_by_role("link", name="People I act for")
    empty = tab.page.get_by_role("heading", name="No patients yet")
    expect(empty).to_be_visible()
    expect(menu).to_have_count(0)
    tab.go("/acting-for")
    tab.page.get_by_label("Code", exact=True).fill(code)
    tab.page.get_by_role("button", name="Act for them").click()
    expect(menu).to_be_visible()
    tab.page.get_by_role("link", name="Patients", exact=True).click()
    expect(empty).to_be_visible()
    expect(tab.page.get_by_role("link", name="Go to the people you act for")).to_be_visible()
    tab.go(f"/patients/{rose}")
    expect(tab.page.get_by_role("main")).to_contain_text("You act for Rose Resident.")
    menu.click()
    tab.page.get_by_role("button", name="Give it up").click()
    tab.page.get_by_role("button", name="Yes, give it up").click()
    expect(menu).to_have_count(0)
    assert olga.get("/me")["acts_for_others"] is False


def test_a_code_that_is_not_good_says_the_same_whatever_is_wrong_with_it(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(TESS, "/acting-for")
    tab.page.get_by_label("Code", exact=True).fill("12345")
    tab.page.get_by_role("button", name="Act for them").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("A code has 28 letters and digits; this has 5")
    tab.page.get_by_label("Code", exact=True).fill("-".join(["0000"] * 7))
    tab.page.get_by_role("button", name="Act for them").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("This code is not good.")
    field = tab.page.get_by_label("Code", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    field.select_text()
    tab.page.keyboard.type("abcde")
    expect(field).to_have_value("abcde")  # the error summary takes the focus once, not with every letter


def test_who_may_only_record_records_and_is_shown_nothing_of_the_record(start: StartJourney, place: Place) -> None:
    tab = start()
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.sign_in(VIC)
    tab.page.get_by_role("link", name="Rose Resident").click()
    expect(tab.page.get_by_role("heading", name="Record a reading for Rose Resident")).to_be_visible()
    require_accessible(tab, "Rose Resident")
    tab.page.get_by_label("What was measured?").select_option("body_height")
    tab.page.get_by_label("Reading").fill("158")
    tab.page.get_by_role("button", name="Record", exact=True).click()
    expect(tab.page.get_by_role("heading", name="Recorded")).to_be_focused()
    tab.page.get_by_role("button", name="Put it right").click()
    tab.page.get_by_label("It should not be here at all").check()
    tab.page.get_by_label("Why?").select_option("own")
    tab.page.get_by_label("In your own words").fill("Of the wrong sister")
    tab.page.get_by_role("button", name="Take it back").click()
    expect(tab.page.get_by_role("heading", name="Taken back")).to_be_focused()
    tab.go(f"/acting-for/{place.patient('rose_resident')}/goals")
    expect(tab.page.get_by_role("heading", name="Not part of what you may do")).to_be_visible()
    assert not [url for url in asked if "/patients/" in url and "/observations" not in url and "/console/" not in url]


def test_who_stops_sharing_leaves_the_open_page_of_a_care_team_at_once(start: StartJourney, place: Place) -> None:
    will, carl, who_has_access = start(), start(), start()
    terms = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}
    place.elsewhere_as(WILL).post(f"/patients/{place.patient('will_not_sharing')}/delegates", terms)
    will.sign_in(WILL, "/my-record/choices")
    letting = will.page.locator("[data-purpose=delegate]")
    expect(letting).to_contain_text("You let somebody act: not begun yet")
    will.page.get_by_role("link", name="Who can see it").click()
    will.page.get_by_role("button", name="Cancel the code of Friend").click()
    will.page.get_by_role("button", name="Yes, cancel it").click()
    expect(will.page.get_by_text("The code no longer works.")).to_be_focused()
    will.page.get_by_role("link", name="Your choices").click()
    expect(letting).to_contain_text("Nobody whom you chose acts now")
    sharing = will.page.locator("[data-purpose=care_sharing]")
    expect(sharing).to_contain_text("Not shared beyond the practice")
    sharing.get_by_role("button", name="Share your record again").click()
    expect(sharing).to_contain_text("Shared: you said yes")
    carl.sign_in(CARL, f"/patients/{place.patient('will_not_sharing')}")
    carl.wait_until_live()
    _open_with_one_look(who_has_access, place.patient("will_not_sharing"))

    sharing.get_by_role("button", name="Stop sharing your record").click()
    expect(sharing).to_contain_text("They will not know from it how you have been")
    require_accessible(will, "Your choices")
    sharing.get_by_role("button", name="Yes: stop sharing your record").click()
    expect(will.page.get_by_text("The record is not shared beyond the practice, from this moment.")).to_be_focused()
    for open_page in (carl, who_has_access):
        expect(open_page.page.get_by_role("heading", name="No longer yours to see")).to_be_visible()
        expect(open_page.page.get_by_role("main")).not_to_contain_text("SHARING")

    sharing.get_by_text("Every decision (3)").click()
    decisions = sharing.get_by_role("listitem")
    expect(decisions).to_have_count(3)
    expect(decisions.first).to_contain_text(re.compile(r"^Said no on \d+ \w+ \d{4}, \d\d:\d\d\s*Decided by: You"))
    require_accessible(will, "Your choices")


def _open_with_one_look(tab: Journey, will: str) -> None:
    """Open who has access: what two of its parts tell is loaded once."""
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(re.sub(r"\?.*", "", request.url)))
    tab.sign_in(CARL, f"/patients/{will}/access")
    expect(tab.page.get_by_role("main")).to_contain_text("SHARING, Will")
    expect(tab.page.locator("[data-purpose=delegate]")).to_contain_text("Nobody whom Will Sharing chose acts now")
    expect(tab.page.get_by_text("Access that has ended")).to_be_visible()  # the code that he has cancelled just now
    assert [url.endswith("/delegates") for url in asked].count(True) == 1


def test_whoever_looked_stands_in_the_log_with_role_and_reason(start: StartJourney, place: Place) -> None:
    tess = f"/patients/{place.patient('tess_of_other_practice')}"
    for path in (tess, f"{tess}/observations", f"{tess}/observations/latest"):
        place.elsewhere_as(BEA).get(path)
    tab = start()
    tab.sign_in(TESS, "/my-record/looked")
    look = tab.page.get_by_role("listitem").filter(has_text="read your name and details").first
    expect(look).to_contain_text("bea clinician elsewhere, Clinician, Invented other_practice")
    expect(look).to_contain_text("Why: They work at your practice")
    expect(tab.page.get_by_text("You", exact=True)).to_have_count(0)
    tab.page.get_by_label("Who", exact=True).select_option("everybody")
    expect(tab.page.get_by_text("You", exact=True).first).to_be_visible()
    expect(tab.page.get_by_text("read the list of who looked at your record").first).to_be_visible()
    tab.page.get_by_label("When").select_option("week")
    expect(look).to_be_visible()
    by_bea = tab.page.get_by_role("listitem").filter(has_text=BEA.replace("_", " "))
    together = by_bea.filter(has_text="See what these 2 times were")
    expect(together).to_contain_text("read your readings twice")
    expect(together.get_by_text("read your latest readings")).to_be_hidden()
    together.locator("summary").press("Enter")
    expect(together.get_by_text("read your latest readings")).to_be_visible()
    require_accessible(tab, "Who has looked")


def test_an_emergency_stands_out_in_the_log_with_what_was_typed(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(ROSE, "/my-record/looked")
    first = tab.page.get_by_role("region", name="Opened in an emergency")
    cards = first.locator("[data-emergency]")
    pia = cards.filter(has_text="pia clinician broke glass, Invented network")
    expect(pia).to_contain_text("Open now")
    expect(pia).to_contain_text("Found unconscious at the bus stop")
    expect(first).to_contain_text("ask your practice, and tell them the name and the time above")
    expect(tab.page.locator("main h2").first).to_have_text("Opened in an emergency")  # before everybody else
    require_accessible(tab, "Who has looked")
    entries = tab.page.get_by_role("listitem")
    opened = entries.filter(has_text="opened your record in an emergency").first
    while not opened.count():  # of all that other journeys have left in her log, it may stand on a later page
        before = entries.count()
        tab.page.get_by_role("button", name="Show more entries").click()
        expect(entries).not_to_have_count(before)
    expect(opened).to_contain_text("Emergency access")
    expect(opened).to_contain_text("Emergency: Found unconscious at the bus stop")


def test_a_copy_of_everything_is_made_and_fetched_once(start: StartJourney, tmp_path: Path) -> None:
    tab = start()
    tab.sign_in(WILL, "/my-record/copies")
    tab.page.get_by_role("button", name="Ask for a copy").click()
    with tab.page.expect_download() as fetching:
        tab.page.get_by_role("button", name="Download the copy (ZIP)").click()
    fetching.value.save_as(tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as packed:
        packed.extractall(tmp_path / "copy")
    assert {path.suffix for path in (tmp_path / "copy").iterdir()} >= {".json", ".html"}
    expect(tab.page.get_by_role("main")).to_contain_text(re.compile(r"Fetched .*, and deleted here"))
    expect(tab.page.get_by_role("button", name="Ask for a copy")).to_be_visible()

    tab.page.goto((tmp_path / "copy" / "record.html").as_uri())
    require_accessible(tab, "Your record")
    who = tab.page.get_by_role("region", name="Who you are")
    expect(who).to_contain_text("Will Sharing")
    looked = tab.page.get_by_role("region", name="Who looked at your record")
    tab.page.get_by_role("navigation").get_by_role("link", name="Who looked at your record").click()
    expect(looked.get_by_role("table")).to_be_in_viewport()
    expect(looked.get_by_role("row").filter(has_text="Asked for a copy of everything in your record")).to_be_visible()


def test_what_is_asked_of_a_record_is_answered_with_the_reason_in_law(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(WILL, "/my-record/copies")
    tab.page.get_by_role("button", name="Send to my practice").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("Choose what you ask for")
    tab.page.get_by_label("Put something right").check()
    tab.page.get_by_label("What is it about?").fill("My height is 172 cm, not 127.")
    tab.page.get_by_role("button", name="Send to my practice").click()
    expect(tab.page.get_by_text("Your practice has your request, and answers within a month.")).to_be_focused()
    asked = tab.page.get_by_role("listitem").filter(has_text="172 cm, not 127")
    expect(asked).to_contain_text(re.compile(r"Your practice answers by \d+ \w+ \d{4}"))
    require_accessible(tab, "Copies and corrections")

    asha = start()
    asha.sign_in(CLINICIAN, "/requests")
    request = asha.page.locator("[data-request]").filter(has_text="172 cm, not 127")
    expect(request.get_by_role("link")).to_have_text("Will Sharing")
    request.locator("summary").click()
    request.get_by_label("Done in part").check()
    request.get_by_label("Your answer to the patient").fill("Your view stands beside it now.")
    request.get_by_role("button", name="Send the answer").click()
    expect(request.get_by_role("alert")).to_contain_text("Choose on which ground less is done")
    require_accessible(asha, "Requests")
    request.get_by_label("On which ground?").select_option(label="The record is accurate")
    request.get_by_role("button", name="Send the answer").click()
    expect(asha.page.get_by_text("Will Sharing has your answer.")).to_be_focused()
    expect(request).to_have_count(0)
    asha.page.get_by_label("Show").select_option(label="All")
    request.get_by_role("link").click()
    disputed = asha.page.get_by_role("region", name="What the patient disputes in this record")
    expect(disputed).to_contain_text("not all of it was made")
    expect(disputed).to_contain_text("They say: My height is 172 cm, not 127.")
    asha.page.get_by_role("link", name="Who has access").click()
    expect(asha.page.get_by_role("heading", name="Who acts for them")).to_be_visible()
    expect(disputed).to_contain_text("They say: My height is 172 cm, not 127.")
    _is_settled(tab, asked)
    asha.page.get_by_role("link", name="Overview").click()
    expect(disputed).to_have_count(0)


def _is_settled(tab: Journey, asked: Locator) -> None:
    """Read the answer, and take back what was asked: for the person alone to do."""
    tab.page.get_by_role("link", name="Who has looked").click()
    tab.page.get_by_role("link", name="Copies and corrections").click()
    expect(asked).to_contain_text("Your view stands beside it now.")
    expect(asked).to_contain_text("UK GDPR article 16")
    asked.get_by_role("button", name="I do not dispute this any more").click()
    expect(asked).to_contain_text("you can ask again")
    require_accessible(tab, "Copies and corrections")
    asked.get_by_role("button", name="Yes, take it back").click()
    expect(tab.page.get_by_text("You have taken it back.")).to_be_focused()
    expect(asked).to_contain_text(re.compile(r"Taken back, \d+ \w+ \d{4}"))


def test_breaking_the_glass_reading_and_closing_by_keyboard_alone(start: StartJourney, place: Place) -> None:
    tab = start()
    page = tab.page
    tab.sign_in(LENA)
    tab_to(page, "Emergency access")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Emergency access", level=1)).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("privacy officers are alerted at once")
    for label, typed in (("NHS number", "999 000 0026"), ("Day", "29"), ("Month", "2"), ("Year", "1940")):
        tab_to(page, label)
        page.keyboard.type(typed)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    tab_to(page, "In your own words")
    page.keyboard.type("Short")
    tab_to(page, "Open the record and alert the privacy officers")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="at least 10 characters")).to_be_visible()
    tab_to(page, "In your own words")
    page.keyboard.type(" of breath in the street, cannot speak")
    require_accessible(tab, "Emergency access")
    tab_to(page, "Open the record and alert the privacy officers")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="HOME, Sam")).to_be_focused()
    banner = page.get_by_role("region", name="Emergency access")
    expect(banner).to_contain_text(re.compile(r"read only\. Open until \d\d:\d\d: 59 minutes left"))
    expect(page.get_by_role("link", name="Record a reading")).to_have_count(0)
    page.get_by_role("link", name="Action plan").click()
    expect(page.get_by_text("Measure blood pressure").first).to_be_visible()
    expect(page.get_by_role("button", name="Done: Measure blood pressure")).to_have_count(0)
    require_accessible(tab, "HOME, Sam")
    tab_to(page, "Close the record")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Close this record now?")).to_be_focused()
    tab_to(page, "Yes, close it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Emergency access has ended")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("Sam")
    assert place.elsewhere_as(LENA).status(f"/patients/{place.patient('sam_at_home')}") == 403


def test_when_its_time_is_over_an_emergency_s_record_leaves_the_page_by_itself(
    start: StartJourney, place: Place
) -> None:
    tab = start()
    tab.page.clock.install()
    tab.page.route("**/v1/break-glass", _over_in_a_minute(tab.page))
    tab.sign_in(PIA, f"/patients/{place.patient('rose_resident')}")
    tab.wait_until_live()
    banner = tab.page.get_by_role("region", name="Emergency access")
    expect(banner).to_contain_text("less than a minute left")
    tab.page.clock.fast_forward(61_000)
    expect(tab.page.get_by_role("heading", name="Emergency access has ended")).to_be_visible()
    expect(tab.page.get_by_role("main")).not_to_contain_text("RESIDENT")
    require_accessible(tab, "Emergency access has ended")


def test_a_wrong_pair_of_number_and_birth_date_tells_nothing(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(CARL, "/emergency-access")
    _fill_emergency(tab.page, "9990000026", "1944")
    tab.page.get_by_role("button", name="Open the record").click()
    known = tab.page.get_by_role("alert").filter(has_text="There is a problem")
    expect(known).to_contain_text("No record has this NHS number with this date of birth.")
    words = known.inner_text()
    _fill_emergency(tab.page, "9990000085", "1944")
    tab.page.get_by_role("button", name="Open the record").click()
    expect(known).to_have_text(words, use_inner_text=True)


def test_a_privacy_officer_looks_into_an_alert_and_says_what_came_of_it(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(SAUL)
    alert = tab.page.locator("[data-alert]").filter(has_text="quin clinician glass run out")
    expect(alert).to_contain_text("Emergency: Found unconscious at the bus stop")
    expect(tab.page.get_by_role("main")).not_to_contain_text("Rose")
    alert.get_by_role("button", name="Ask whose record it was").click()
    alert.get_by_role("button", name="Yes, ask").click()
    whose = "It was the record of Rose Resident, NHS number 999 000 0018."
    expect(alert.get_by_text(whose)).to_be_focused()
    alert.get_by_role("button", name="Copy the NHS number").click()
    expect(alert.get_by_text("Copied")).to_be_visible()
    alert.get_by_text("Say what came of it").click()
    require_accessible(tab, "Privacy alerts")
    alert.get_by_role("button", name="Save").click()
    expect(alert.get_by_role("alert")).to_contain_text("Choose what came of it")
    alert.get_by_label("There was good reason").check()
    alert.get_by_label("What did you find?").fill("The ambulance crew confirms it.")
    alert.get_by_role("button", name="Save").click()
    expect(tab.page.get_by_text("quin clinician glass run out: there was good reason.")).to_be_focused()
    expect(alert).to_have_count(0)
    tab.page.get_by_label("Show").select_option("all")
    expect(alert).to_contain_text("The ambulance crew confirms it.")
    expect(alert).to_contain_text(whose)  # for as long as one is here


def test_a_practice_sees_who_has_access_and_notes_what_the_person_said(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient('will_not_sharing')}")
    tab.page.get_by_role("link", name="Who has access").click()
    opt_out = tab.page.locator("[data-purpose=national_data_opt_out]")
    opt_out.get_by_role("button", name="Record the opt-out").click()
    opt_out.get_by_role("button", name="Yes: record the opt-out").click()
    expect(opt_out).to_contain_text("Say how and when they told you")
    opt_out.get_by_label("How and when did they say it?").fill("At the desk this morning")
    require_accessible(tab, "SHARING, Will")
    opt_out.get_by_role("button", name="Yes: record the opt-out").click()
    expect(tab.page.get_by_text("The opt-out is recorded.")).to_be_focused()
    opt_out.locator("summary").filter(has_text="Every decision").click()
    expect(opt_out).to_contain_text("Decided by: The practice, as Will Sharing asked")
    expect(opt_out).to_contain_text("Noted then: At the desk this morning")
    sharing = tab.page.locator("[data-purpose=care_sharing]")
    sharing.get_by_role("button", name="Share Will Sharing's record again").click()
    sharing.get_by_label("How and when did they say it?").fill("On the telephone today")
    yes = sharing.get_by_role("button", name="Yes: share Will Sharing's record again")
    yes.click()
    expect(sharing.get_by_role("alert")).to_contain_text("They refused this themselves")
    tab.page.route("**/consents", _asks_for_the_day)  # as of somebody without an account, whose record is restricted
    yes.click()
    expect(sharing.get_by_text("When did you tell them that the restriction ends?")).to_be_visible()
    yes.click()
    expect(sharing).to_contain_text("Enter the day on which you told them")
    require_accessible(tab, "SHARING, Will")
    main = tab.page.get_by_role("main")
    expect(main).to_contain_text("Will Sharing has an account and can see this record with it")
    expect(tab.page.get_by_label("Invite them by email")).to_have_count(0)
    expect(main).to_contain_text("Will Sharing can let somebody they trust see the record")  # not "You can let"
    expect(main.get_by_text("You can let somebody you trust")).to_be_hidden()
    gus = start()
    gus.sign_in("gus_care_home_staff", f"/patients/{place.patient('rose_resident')}/access")
    expect(gus.page.get_by_role("main")).to_have_text(re.compile(r"^There is nothing here that you may see\."))


def test_absence_and_refusal_look_the_same(start: StartJourney, place: Place) -> None:
    seen = []
    for path in (
        f"/patients/{place.patient('tess_of_other_practice')}",
        "/patients/0195d1c0-0000-7000-8000-0000000000d1",
    ):
        tab = start()
        tab.sign_in(CLINICIAN, path)
        expect(tab.page.get_by_role("alert")).to_contain_text("There is nothing here that you may see.")
        seen.append(tab.page.get_by_role("main").inner_text())
    assert seen[0] == seen[1]


def _code(tab: Journey, scope: str) -> str:
    """Return the code of an offer just made."""
    tab.page.get_by_label("Who are they to you?").select_option("friend")
    tab.page.get_by_role("checkbox", name=scope).check()
    tab.page.get_by_role("button", name="Make the code").click()
    expect(tab.page.get_by_role("heading", name="Give them this code")).to_be_focused()
    code = tab.page.locator(".tw-code").inner_text()
    assert code not in tab.page.url
    return code


def _panel(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def _over_in_a_minute(page: Page) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        told = route.fetch()
        body = told.json()
        now = page.evaluate("Date.now()")
        for item in body["items"]:
            item["until_at"] = page.evaluate("at => new Date(at).toISOString()", now + 59_000)
        route.fulfill(response=told, body=json.dumps(body))

    return answer


def _asks_for_the_day(route: Route) -> None:
    fault = {"pointer": "/informed_on", "code": "informing_missing", "message": "Say on which day."}
    problem = {"type": "/problems/invalid", "title": "No", "status": 422, "detail": "Not unsaid.", "request_id": "r"}
    route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(problem | {"errors": [fault]}))


def _fill_emergency(page: Page, number: str, year: str) -> None:
    page.get_by_label("NHS number").fill(number)
    for part, typed in (("Day", "29"), ("Month", "2"), ("Year", year)):
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_label("Urgent care").check()
    page.get_by_label("In your own words").fill("Collapsed in the waiting room")
