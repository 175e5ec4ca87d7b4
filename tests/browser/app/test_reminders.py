"""How one is told that something is due: on this phone, by other ways, and where nobody is signed in not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import message_from_bytes, policy
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.app.phone import Phone, until
from tests.browser.app.pushes import is_subscribed, may_be_told, push, shown, was_asked
from tests.browser.conftest import StartJourney
from tests.browser.door import Door
from tests.browser.journey import PHONE
from tests.browser.records import PATIENT, Api, email

PATIENT_ELSEWHERE = "rose_herself"
HOME = "/me/notifications"
REMINDERS = "/settings/reminders"
DUE = {"id": "0190f3a2-1", "kind": "something_due", "title": "Sam", "text": "Take your metformin", "language": "en"}


@pytest.fixture
def reached(enter: StartJourney) -> Phone:
    """Return a phone at an installation that can tell people something, on which notices may be shown."""
    found = Phone(enter(size=PHONE))
    may_be_told(found)
    return found


def turn_on(phone: Phone, name: str = "Blue phone") -> None:
    """Have this phone told, by its owner's press."""
    phone.page.get_by_label("What do you call this phone?").fill(name)
    phone.page.get_by_role("button", name="Tell me on this phone").click()
    expect(phone.page.get_by_text("This phone is told.")).to_be_visible()
    assert is_subscribed(phone.page)


def addresses(api: Api) -> list[Mapping[str, Any]]:
    """Return where somebody is told something."""
    return list(api.get(f"{HOME}/addresses")["items"])


def test_what_is_pushed_stands_once_in_words_that_say_nothing_of_anybody(reached: Phone) -> None:
    reached.open("/")
    worker = push(reached, DUE, DUE, {**DUE, "id": "0190f3a2-2", "kind": "try_out", "language": "cy"}, "{")
    until(lambda: len(shown(worker)) == 4)
    said = [(each["title"], each["tag"], each["lang"], each["body"]) for each in shown(worker)]
    due = ("Tendwell", "0190f3a2-1", "en", "Something is due. Open Tendwell to see it.")
    assert said[:2] == [due, due]
    assert said[2] == ("Tendwell", "0190f3a2-2", "cy", "Dyma sut mae Tendwell yn rhoi gwybod i chi am rywbeth.")
    assert said[3][1] == "Tendwell"
    assert "metformin" not in str(said)


def test_an_installation_without_any_way_says_so(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True, path=REMINDERS)
    expect(phone.page.get_by_text("This Tendwell cannot send reminders or messages")).to_be_visible()
    for name in ("Tell me on this phone", "Save"):
        expect(phone.page.get_by_role("button", name=name)).to_have_count(0)


def test_one_is_told_on_one_s_own_phone_of_what_one_chose_and_sees_what_was_sent(reached: Phone, door: Door) -> None:
    page, sam = reached.page, door.as_(PATIENT)
    reached.sign_in(PATIENT, own=True, path=REMINDERS)
    expect(page.get_by_role("button", name="Tell me on this phone")).to_be_visible()
    assert not was_asked(page)
    turn_on(reached)
    page.get_by_role("group", name="Something is due").get_by_label("notice on a phone or computer").check()
    page.get_by_label("Do not tell me between these hours").check()
    page.get_by_label("Until", exact=True).fill("21:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Give a beginning and another end")
    page.get_by_label("Until", exact=True).fill("07:30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choice is kept.")).to_be_visible()
    kept = sam.get(f"{HOME}/preferences")
    assert [each["channels"] for each in kept["chosen"]] == [["web_push"], []]
    assert (kept["quiet_from"], kept["quiet_until"], kept["language"]) == ("21:00", "07:30", "en")
    page.get_by_role("button", name="Send a test to Blue phone").click()
    expect(page.get_by_text("A test is on its way to Blue phone.")).to_be_visible()
    expect(page.get_by_text("A test, by notice on a phone or computer, to Blue phone")).to_be_visible()
    page.get_by_role("button", name="Remove Blue phone").click()
    expect(page.get_by_text("This phone is not told.")).to_be_visible()
    until(lambda: addresses(sam) == [] and not is_subscribed(page))


def test_an_email_is_confirmed_by_the_digits_that_were_sent_there(reached: Phone, door: Door) -> None:
    page = reached.page
    reached.sign_in(PATIENT_ELSEWHERE, own=False, path=REMINDERS)
    expect(page.get_by_text("Only a phone of your own can be told")).to_be_visible()
    page.get_by_role("button", name="Add my email").click()
    expect(page.get_by_text("A code was sent to My email.")).to_be_visible()
    digits = page.get_by_label("The six digits that were sent there")
    digits.fill("12")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("These are not the six digits")).to_be_visible()
    digits.fill(code_for(email(PATIENT_ELSEWHERE), door))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("My email is confirmed.")).to_be_visible()
    page.get_by_role("button", name="Remove My email").click()
    expect(page.get_by_text("My email is removed.")).to_be_visible()


def test_who_signs_out_is_told_there_no_more_and_neither_is_whoever_comes_next(reached: Phone, door: Door) -> None:
    page, sam = reached.page, door.as_(PATIENT)
    reached.sign_in(PATIENT, own=True, path=REMINDERS)
    turn_on(reached)
    assert [each["name"] for each in addresses(sam)] == ["Blue phone"]
    with page.expect_response(lambda answer: answer.url.endswith(f"{HOME}/addresses")):
        reached.open("/settings")  # and the session is taken up: before that there is nobody to tell the API
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    until(lambda: addresses(sam) == [])
    until(lambda: not is_subscribed(page))
    page.wait_for_function("localStorage.getItem('stand-in.closed') === 'yes'")
    reached.sign_in(PATIENT_ELSEWHERE, own=True, path=REMINDERS)
    expect(page.get_by_text("This phone is not told.")).to_be_visible()


def test_a_session_that_was_ended_elsewhere_leaves_nobody_subscribed(reached: Phone, door: Door) -> None:
    page = reached.page
    reached.sign_in(PATIENT, own=True, path=REMINDERS)
    turn_on(reached)
    elsewhere = Api(door.lenient_url, PATIENT)
    elsewhere.delete("/me/sessions")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    until(lambda: not is_subscribed(page))
    page.wait_for_function("localStorage.getItem('tendwell.app.told') === null")
    for each in addresses(elsewhere):
        elsewhere.delete(f"{HOME}/addresses/{each['id']}")
    elsewhere.close()


def test_a_browser_that_may_show_nothing_says_how_to_change_that(enter: StartJourney) -> None:
    phone = Phone(enter(size=PHONE))
    phone.page.add_init_script("Object.defineProperty(Notification, 'permission', {get: () => 'denied'})")
    phone.sign_in(PATIENT, own=True, path=REMINDERS)
    expect(phone.page.get_by_text("open your browser's settings for this site")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Tell me on this phone")).to_have_count(0)


def test_the_page_is_in_order_in_both_languages_on_the_narrowest_phone_and_by_keyboard(reached: Phone) -> None:
    page = reached.page
    reached.sign_in(PATIENT, own=True, path=REMINDERS)
    page.set_viewport_size({"width": 320, "height": 640})
    turn_on(reached)
    page.get_by_label("Do not tell me between these hours").check()
    box = page.get_by_role("group", name="Something is due").get_by_label("email")
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Nothing is sent by email yet")).to_be_visible()
    for language in ("English", "Cymraeg"):
        assert reached.tab.violations() == [], language
        assert reached.tab.overflow() <= 0, language
        if language == "English":
            page.get_by_role("button", name="Cymraeg").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Nodiadau atgoffa a negeseuon")
    page.get_by_role("button", name="Dileu Blue phone").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Mae Blue phone wedi'i ddileu.")).to_be_visible()
    expect(page.locator("#done")).to_be_focused()


def test_without_a_network_the_page_says_that_it_needs_one(reached: Phone) -> None:
    reached.sign_in(PATIENT, own=True)
    reached.wait_for_worker()
    reached.lose_network()
    reached.open(REMINDERS)
    expect(reached.page.get_by_text("This part needs a connection.")).to_be_visible()


def code_for(address: str, door: Door) -> str:
    """Return the code of the newest letter with one to an address, once it has come."""
    found: list[str] = []

    def come() -> bool:
        letters = sorted(door.mail.glob("*.eml"), key=lambda each: each.stat().st_mtime)
        for path in letters:
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",))
            if letter["To"] == address and body is not None:
                found.extend(re.findall(r"\b\d{6}\b", body.get_content()))
        return bool(found)

    until(come)
    return found[-1]
