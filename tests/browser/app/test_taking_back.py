"""What was done by mistake is taken back: it counts no more at once, without a network too, and then in the record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.clock import LONDON
from tests.browser.app.conftest import SMALL_PHONE, TakePhone
from tests.browser.app.phone import Phone, until
from tests.browser.conftest import Place
from tests.browser.keyboard import tab_to
from tests.browser.records import CLINICIAN, PATIENT

PERSON = "sam_at_home"
STEP = "Take the small tablet"
NOT_SENT = "Not sent yet"

Readings = Callable[[str, str, list[float]], list[str]]


@pytest.fixture
def tablet(place: Place) -> Iterator[str]:
    """Yield the path of a plan with one step on each day; it ends with the test."""
    today = datetime.now(UTC).date()
    days = {"agreed_on": today.isoformat(), "review_on": (today + timedelta(days=90)).isoformat()}
    plan = {"title": "Plan of tablets", **days, "actions": [{"title": STEP, "schedule": {"rrule": "FREQ=DAILY"}}]}
    asha = place.elsewhere_as(CLINICIAN)
    path = f"/patients/{place.patient(PERSON)}/action-plans"
    published = f"{path}/{asha.post(path, plan)['id']}"
    yield published
    asha.post(f"{published}/end", {"reason": "The test is over"})


@pytest.fixture
def readings(place: Place) -> Readings:
    """Return how Sam has recorded readings of a sign, an hour apart, the last an hour ago; by their ids."""

    def recorded(sign: str, unit: str, values: list[float]) -> list[str]:
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        sam = place.elsewhere_as(PATIENT)
        one = [
            {"client_id": f"{sign}-{now.timestamp()}-{n}", "sign": sign, "value": value, "unit": unit}
            | {"effective_at": (now - timedelta(hours=len(values) - n)).isoformat()}
            for n, value in enumerate(values)
        ]
        return sam.record(place.patient(PERSON), *one)

    return recorded


def small(phone: Phone) -> Phone:
    phone.page.set_viewport_size({"width": SMALL_PHONE[0], "height": SMALL_PHONE[1]})
    return phone


def due(page: Page) -> Locator:
    return page.locator(f"[data-due='{STEP}']")


def done(page: Page) -> Locator:
    return page.locator(f"[data-done='{STEP}']")


def values_of(place: Place, sign: str) -> list[float]:
    found = place.elsewhere_as(CLINICIAN).get(f"/patients/{place.patient(PERSON)}/observations?sign={sign}&limit=200")
    return [one["value"] for one in found["items"]]


def row(page: Page, value: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_text(re.compile(rf"^{value}( |$)")))


def take_back(within: Locator, why: str | None = None, button: str = "Take this back") -> None:
    """Press the button beside something of one's own, say why if that is asked, and confirm."""
    within.get_by_role("button", name=button).click()
    asked = within.locator("[data-taking-back]")
    if why is not None:
        asked.get_by_label(why).check()
    asked.get_by_role("button", name="Yes, take it back").click()


def recent(place: Place, plan: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.elsewhere_as(CLINICIAN).get(plan)["recent_completions"]
    return found


def test_a_step_ticked_by_mistake_is_to_do_again_here_and_in_the_record(
    phone: Phone, place: Place, tablet: str
) -> None:
    small(phone).sign_in(PATIENT, own=True)
    due(phone.page).get_by_role("button", name="Done").click()
    expect(done(phone.page)).to_contain_text("Done at")
    expect(phone.unsent).to_have_count(0)
    until(lambda: len(recent(place, tablet)) == 1)
    done(phone.page).get_by_role("button", name="Not done after all").click()
    asked = done(phone.page).locator("[data-taking-back]")
    expect(asked).to_contain_text("It then stands as to do again.")
    assert (phone.tab.violations(), phone.tab.overflow()) == ([], 0)
    asked.get_by_role("button", name="No, leave it").click()
    expect(done(phone.page).get_by_role("button", name="Not done after all")).to_be_focused()
    expect(due(phone.page)).to_have_count(0)
    take_back(done(phone.page), button="Not done after all")
    expect(due(phone.page)).to_be_visible()
    expect(done(phone.page)).to_have_count(0)
    expect(phone.page.locator("[data-taken-back]")).to_be_focused()
    expect(phone.unsent).to_have_count(0)
    until(lambda: recent(place, tablet) == [])
    phone.open("/")
    expect(due(phone.page)).to_be_visible()


def test_a_tick_that_still_waits_and_its_being_taken_back_are_both_sent_and_the_step_is_to_do_all_along(
    phone: Phone, place: Place, tablet: str
) -> None:
    small(phone).sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.lose_network()
    due(phone.page).get_by_role("button", name="Skip").click()
    due(phone.page).get_by_label("I am away").check()
    due(phone.page).get_by_role("button", name="Skip").click()
    expect(done(phone.page)).to_contain_text("Skipped at")
    take_back(done(phone.page), button="Not skipped after all")
    expect(due(phone.page)).to_be_visible()
    expect(phone.page.locator("[data-waits-to-be-taken-back]")).to_contain_text(STEP)
    expect(phone.page.locator("[data-waits-to-be-taken-back]")).to_contain_text(NOT_SENT)
    expect(phone.unsent).to_contain_text("2 things wait to be sent")
    phone.wait_until_kept(unsent=2)
    phone.open("/")
    expect(due(phone.page)).to_be_visible()
    phone.open("/not-sent")
    taken = phone.page.locator("[data-item=retraction]")
    expect(taken).to_contain_text("Taken back")
    expect(taken).to_contain_text(STEP)
    assert phone.tab.violations() == []
    phone.find_network()
    expect(phone.unsent).to_have_count(0)
    until(lambda: recent(place, tablet) == [])
    phone.open("/")
    expect(due(phone.page)).to_be_visible()
    expect(phone.page.locator("[data-waits-to-be-taken-back]")).to_have_count(0)


def test_what_was_ticked_is_taken_back_on_the_plan_by_the_keyboard_alone(
    phone: Phone, place: Place, tablet: str
) -> None:
    small(phone).sign_in(PATIENT, own=True)
    due(phone.page).get_by_role("button", name="Done").click()
    expect(phone.unsent).to_have_count(0)
    phone.open("/plan")
    card = phone.page.get_by_role("listitem").filter(has_text=STEP).first
    expect(card).to_contain_text("What was noted of it in these 7 days (1)")
    card.locator("summary").focus()
    phone.page.keyboard.press("Enter")
    tab_to(phone.page, f"Not done after all : {STEP}")
    phone.page.keyboard.press("Enter")
    expect(card.locator("[data-taking-back] p")).to_be_focused()
    assert (phone.tab.violations(), phone.tab.overflow()) == ([], 0)
    tab_to(phone.page, "Yes, take it back")
    phone.page.keyboard.press("Enter")
    expect(card.locator("[data-taken-back]")).to_be_focused()
    expect(card).not_to_contain_text("What was noted of it in these 7 days")
    expect(phone.unsent).to_have_count(0)
    until(lambda: recent(place, tablet) == [])


def test_a_reading_taken_back_without_a_network_leaves_the_one_before_with_its_age_and_the_last_leaves_nothing(
    phone: Phone, place: Place, readings: Readings
) -> None:
    [first, _] = readings("blood_ketones", "mmol/L", [0.3, 7.1])
    told = place.elsewhere_as(PATIENT).get(f"/patients/{place.patient(PERSON)}/observations/{first}")
    before = f"at {datetime.fromisoformat(told['effective_at']).astimezone(LONDON):%H:%M}"
    small(phone).sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.lose_network()
    phone.open("/numbers/blood_ketones")
    newest = phone.page.locator("[data-newest]")
    expect(newest).to_contain_text("7.1")
    row(phone.page, "7.1").get_by_role("button", name="Take this back").click()
    asked = row(phone.page, "7.1").locator("[data-taking-back]")
    asked.get_by_role("button", name="Yes, take it back").click()
    expect(asked).to_contain_text("Say why you take it back")
    assert (phone.tab.violations(), phone.tab.overflow()) == ([], 0)
    asked.get_by_label("I entered it wrongly").check()
    asked.get_by_role("button", name="Yes, take it back").click()
    expect(newest).to_contain_text("0.3")
    expect(newest).to_contain_text(before)
    expect(phone.page.get_by_role("table")).not_to_contain_text("7.1")
    expect(phone.page.locator("[data-waits-to-be-taken-back]")).to_contain_text("7.1")
    expect(phone.page.locator("[data-waits-to-be-taken-back]")).to_contain_text(NOT_SENT)
    phone.wait_until_kept(unsent=1)
    phone.open("/numbers/blood_ketones")
    expect(newest).to_contain_text("0.3")
    assert values_of(place, "blood_ketones") == [7.1, 0.3]
    take_back(row(phone.page, "0.3"), "It is not mine")
    expect(newest).to_have_count(0)
    expect(phone.page.get_by_text("Nothing is recorded.")).to_be_visible()
    phone.open("/numbers")
    expect(phone.page.locator("[data-sign=blood_ketones]")).to_have_count(0)
    phone.find_network()
    expect(phone.unsent).to_have_count(0)
    until(lambda: values_of(place, "blood_ketones") == [])
    phone.open("/numbers/blood_ketones")
    expect(phone.page.get_by_text("Nothing is recorded.")).to_be_visible()


def test_a_mistyped_reading_is_recorded_anew_for_the_same_time(phone: Phone, place: Place, readings: Readings) -> None:
    [wrong] = readings("hba1c", "mmol/mol", [84])
    small(phone).sign_in(PATIENT, own=True, path="/numbers/hba1c")
    within = row(phone.page, "84")
    within.get_by_role("button", name="Correct it").click()
    within.get_by_role("button", name="Take it back and record it anew").click()
    expect(phone.page.get_by_text("You took a reading back.")).to_be_visible()
    expect(phone.page.get_by_label("Date and time of measuring")).not_to_have_value("")
    assert (phone.tab.violations(), phone.tab.overflow()) == ([], 0)
    phone.page.get_by_label("Reading", exact=False).fill("48")
    phone.page.get_by_role("button", name="Record", exact=True).click()
    expect(phone.page.get_by_role("heading", name="Recorded")).to_be_visible()
    expect(phone.unsent).to_have_count(0)
    asha, path = place.elsewhere_as(CLINICIAN), f"/patients/{place.patient(PERSON)}/observations"
    [right] = [one for one in asha.get(f"{path}?sign=hba1c")["items"] if one["value"] == 48]
    before = asha.get(f"{path}/{wrong}")
    assert before["status"] == "entered-in-error"
    apart = datetime.fromisoformat(right["effective_at"]) - datetime.fromisoformat(before["effective_at"])
    assert timedelta(0) <= apart < timedelta(minutes=1)
    assert values_of(place, "hba1c") == [48]


def test_two_phones_take_the_same_back_each_by_itself_and_nobody_is_asked(
    take_phone: TakePhone, place: Place, readings: Readings
) -> None:
    readings("steps", "{steps}", [4321])
    phones = [take_phone(), take_phone()]
    for phone in phones:
        phone.sign_in(PATIENT, own=True, path="/numbers/steps")
        phone.wait_for_worker()
        phone.lose_network()
    for phone, why in zip(phones, ("I entered it wrongly", "Another reason"), strict=True):
        take_back(row(phone.page, "4,?321"), why)
        expect(phone.unsent).to_contain_text("1 thing waits to be sent")
    for phone in phones:
        phone.find_network()
        expect(phone.unsent).to_have_count(0)
    until(lambda: values_of(place, "steps") == [])


def test_what_the_record_has_put_right_meanwhile_stands_and_is_said_to_and_what_others_recorded_is_not_offered(
    phone: Phone, place: Place, readings: Readings
) -> None:
    [wrong] = readings("pain_score", "{score}", [9])
    now = datetime.now(UTC)
    of_asha = {"client_id": f"pain-{now.timestamp()}", "sign": "pain_score", "value": 4, "unit": "{score}"}
    asha, record = place.elsewhere_as(CLINICIAN), f"/patients/{place.patient(PERSON)}/observations"
    asha.record(place.patient(PERSON), of_asha | {"effective_at": (now - timedelta(hours=5)).isoformat()})
    phone.sign_in(PATIENT, own=True, path="/numbers/pain_score")
    phone.wait_for_worker()
    expect(row(phone.page, "4")).to_be_visible()
    expect(phone.page.get_by_role("table").get_by_role("button", name="Take this back")).to_have_count(1)
    phone.lose_network()
    take_back(phone.page.get_by_role("table"), "I entered it wrongly")
    before = asha.get(f"{record}/{wrong}")
    right = {"client_id": f"right-{now.timestamp()}", "sign": "pain_score", "value": 3, "unit": "{score}"}
    reading = right | {"effective_at": before["effective_at"]}
    asha.post(f"{record}/{wrong}/correction", {"reason": "Told on the telephone", "reading": reading})
    phone.find_network()
    expect(phone.unsent).to_contain_text("1 thing needs you to decide")
    phone.open("/not-sent")
    conflict = phone.page.locator("[data-item=retraction]")
    expect(conflict).to_contain_text("This was corrected already.")
    assert phone.tab.violations() == []
    conflict.get_by_role("button", name="Leave the record as it is").click()
    expect(phone.unsent).to_have_count(0)
    phone.open("/numbers/pain_score")
    expect(phone.page.locator("[data-newest]")).to_contain_text("3")


def test_what_cannot_be_taken_back_stands_again_and_its_owner_is_told_what_to_do(
    phone: Phone, place: Place, tablet: str
) -> None:
    phone.sign_in(PATIENT, own=True)
    due(phone.page).get_by_role("button", name="Done").click()
    expect(phone.unsent).to_have_count(0)
    phone.page.route(
        "**/v1/me/changes",
        lambda route: (
            route.continue_(post_data=(route.request.post_data or "").replace('"of":"completion"', '"of":"reading"'))
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    take_back(done(phone.page), button="Not done after all")
    expect(phone.unsent).to_contain_text("1 thing needs you to decide")
    expect(done(phone.page)).to_contain_text("Done at")
    phone.open("/not-sent")
    refused = phone.page.locator("[data-item=retraction]")
    expect(refused).to_contain_text("Could not be taken back")
    expect(refused).to_contain_text("If it is wrong, tell your team.")
    expect(refused).to_contain_text("There is nothing of your own here to take back.")
    assert phone.tab.violations() == []
    refused.get_by_role("button", name="Let it stand").click()
    expect(phone.unsent).to_have_count(0)
    until(lambda: len(recent(place, tablet)) == 1)


def test_an_entry_of_the_diary_is_taken_back_while_it_waits(phone: Phone, place: Place) -> None:
    small(phone).sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.lose_network()
    phone.open("/check-ins/diary")
    words = f"Meant for another day {datetime.now(UTC).timestamp()}"
    phone.page.get_by_label("How are you today?", exact=False).fill(words)
    phone.page.get_by_role("button", name="Save").click()
    expect(phone.page.get_by_role("heading", name="It is in your diary.")).to_be_visible()
    phone.open("/check-ins/diary")
    entry = phone.page.get_by_role("listitem").filter(has_text=words)
    take_back(entry, "It is not mine")
    expect(phone.page.locator("[data-waits-to-be-taken-back]")).to_contain_text(words)
    expect(entry.get_by_role("button")).to_have_count(0)
    assert (phone.tab.violations(), phone.tab.overflow()) == ([], 0)
    phone.find_network()
    expect(phone.unsent).to_have_count(0)
    listed = place.elsewhere_as(CLINICIAN).get(f"/patients/{place.patient(PERSON)}/diary?history=true&limit=200")
    [kept] = [one for one in listed["items"] if one["note"] == words]
    assert kept["status"] == "entered-in-error"


def test_answers_that_cannot_wait_are_taken_back_and_whom_to_call_stays(phone: Phone, place: Place) -> None:
    sam, path = place.elsewhere_as(PATIENT), f"/patients/{place.patient(PERSON)}/questionnaire-responses"
    at = datetime.now(UTC)  # after whatever others have told of Sam
    answers = [{"link_id": f"q{n}", "value": 1 if n == 9 else 0} for n in range(1, 10)]
    given = {"questionnaire": "phq-9", "version": "1", "authored_at": at.isoformat(), "answers": answers}
    made = sam.post(path, given)
    small(phone).sign_in(PATIENT, own=True, path="/check-ins")
    phone.wait_for_worker()
    phone.lose_network()
    card = (
        phone.page.get_by_role("listitem")
        .filter(has_text="PHQ-9")
        .filter(has=phone.page.get_by_role("button", name="Take this back"))
        .first
    )
    take_back(card, "Another reason")
    call = phone.page.locator("[data-still-there]")
    expect(call.get_by_role("link")).to_have_count(3)
    assert (phone.tab.violations(), phone.tab.overflow()) == ([], 0)
    phone.open("/check-ins")
    expect(call).to_be_visible()
    phone.find_network()
    expect(phone.unsent).to_have_count(0)
    asha = place.elsewhere_as(CLINICIAN)
    until(lambda: asha.get(f"{path}/{made['id']}")["status"] == "entered-in-error")
    alerts = asha.get(f"/patients/{place.patient(PERSON)}/alerts?limit=200")["items"]
    [alert] = [one for one in alerts if made["id"] in [each["subject_id"] for each in one["evidence"]]]
    assert alert["rule"] == "phq9-item-9"
