"""What is done without a network is there at once, is sent when there is one, and stands in the record once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.app.conftest import TakePhone
from tests.browser.app.phone import Phone, until
from tests.browser.conftest import Place
from tests.browser.records import CLINICIAN, PATIENT, Api

PERSON = "sam_at_home"
PATIENT_ELSEWHERE = "rose_herself"
CHANGES = "**/v1/me/changes"


def record_reading(page: Page, value: str) -> None:
    """Fill the form for a sign of one number in and record it; return when the page says that it is."""
    page.get_by_label("Reading", exact=False).fill(value)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("heading", name="Recorded")).to_be_visible()


def recorded(place: Place, value: float, sign: str = "body_weight") -> list[dict[str, Any]]:
    """Return the person's readings of just so much, as their clinician sees them."""
    found = place.elsewhere_as(CLINICIAN).get(f"/patients/{place.patient(PERSON)}/observations?sign={sign}&limit=200")
    return [one for one in found["items"] if one["value"] == value]


def test_an_entry_half_made_without_a_network_outlives_a_reload_and_is_sent_once(phone: Phone, place: Place) -> None:
    phone.sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.lose_network()
    phone.open("/record/body_weight")
    phone.page.get_by_label("Reading", exact=False).fill("81.2")
    phone.page.wait_for_function("JSON.stringify(sessionStorage).includes('81.2')")
    phone.page.reload()
    expect(phone.page.get_by_label("Reading", exact=False)).to_have_value("81.2")
    record_reading(phone.page, "81.2")
    expect(phone.unsent).to_contain_text("1 thing waits to be sent")
    phone.open("/")
    expect(phone.unsent).to_contain_text("1 thing waits to be sent")
    phone.wait_until_kept(unsent=1)
    phone.find_network()
    expect(phone.unsent).to_have_count(0)
    phone.wait_until_kept(unsent=0)
    until(lambda: len(recorded(place, 81.2)) == 1)


def test_how_a_goal_is_going_says_of_when_it_is_and_is_not_shown_beside_a_reading_that_is_not_in_it(
    phone: Phone, place: Place
) -> None:
    sam = place.elsewhere_as(PATIENT)
    record = f"/patients/{place.patient(PERSON)}"
    now = datetime.now(UTC)
    target = {"sign": "respiratory_rate", "comparator": "<=", "value": 12, "unit": "/min"}
    days = {"start_on": (now - timedelta(days=20)).date().isoformat()}
    due = {"due_on": (now + timedelta(days=30)).date().isoformat()}
    goal = sam.post(f"{record}/goals", {"description": "Breathe at ease", "target": target | due, **days})
    sam.post(f"{record}/goals/{goal['id']}/status", {"lifecycle_status": "active"})
    for number, value in enumerate((20, 18, 16)):
        at = (now - timedelta(days=9 - number)).isoformat()
        reading = {"client_id": f"breath-{number}", "sign": "respiratory_rate", "value": value, "unit": "/min"}
        sam.post(f"{record}/observations", {"readings": [reading | {"effective_at": at}]})
    phone.sign_in(PATIENT, own=True, path="/goals")
    phone.wait_for_worker()
    card = phone.page.get_by_role("listitem").filter(has_text="Breathe at ease")
    expect(card.get_by_role("progressbar")).to_be_visible()
    expect(card).to_contain_text("Worked out")
    phone.lose_network()
    phone.open("/record/respiratory_rate")
    record_reading(phone.page, "15")
    phone.open("/goals")
    expect(card).to_be_visible()
    expect(card.get_by_role("progressbar")).to_have_count(0)
    expect(card).not_to_contain_text("Worked out")
    phone.find_network()
    expect(phone.unsent).to_have_count(0)
    expect(card.get_by_role("progressbar")).to_be_visible()


def test_what_was_kept_and_whose_answer_was_lost_is_sent_again_and_stands_once(phone: Phone, place: Place) -> None:
    phone.sign_in(PATIENT, own=True, path="/record/body_weight")
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    phone.page.route(CHANGES, lose_the_first)
    record_reading(phone.page, "82.3")
    expect(phone.unsent).to_have_count(0)
    assert lost == [200]
    until(lambda: len(recorded(place, 82.3)) == 1)


def test_two_phones_that_were_away_end_alike_and_what_both_changed_is_asked_about(
    take_phone: TakePhone, place: Place
) -> None:
    asha = place.elsewhere_as(CLINICIAN)
    goals = f"/patients/{place.patient(PERSON)}/goals"
    goal = asha.post(goals, {"description": "Sit in the garden each day"})
    phones = [take_phone(), take_phone()]
    for phone in phones:
        phone.sign_in(PATIENT, own=True, path=f"/goals/{goal['id']}")
        phone.wait_for_worker()
        phone.lose_network()
    first, second = phones
    first.page.get_by_role("button", name="Yes, I take it on").click()
    for _ in range(2):  # it is asked why, which may be left open
        second.page.get_by_role("button", name="No, not this one").click()
    done = (("heart_rate", "67"), ("respiratory_rate", "14"))
    for phone, (sign, value) in zip(phones, done, strict=True):
        expect(phone.unsent).to_contain_text("1 thing waits to be sent")
        phone.open(f"/record/{sign}")
        record_reading(phone.page, value)
        expect(phone.unsent).to_contain_text("2 things wait to be sent")
    first.find_network()
    expect(first.unsent).to_have_count(0)
    second.find_network()
    expect(second.unsent).to_contain_text("1 thing needs you to decide")
    until(lambda: [len(recorded(place, float(value), sign)) for sign, value in done] == [1, 1])
    assert asha.get(f"{goals}/{goal['id']}")["lifecycle_status"] == "accepted"

    second.open("/not-sent")
    conflict = second.page.locator("[data-state=conflict]")
    expect(conflict).to_contain_text("What you did")
    expect(conflict).to_contain_text("Sit in the garden each day: accepted")
    assert second.tab.violations() == []
    conflict.get_by_role("button", name="Leave the record as it is").click()
    expect(second.unsent).to_have_count(0)
    for phone in phones:
        phone.page.get_by_role("button", name="Check now").click()
        for sign, value in done:
            phone.open(f"/numbers/{sign}")
            expect(phone.page.get_by_role("main").get_by_text(re.compile(rf"\b{value} ")).first).to_be_visible()


def test_what_one_person_could_not_send_nobody_else_sees_or_sends_and_they_do_later(phone: Phone, place: Place) -> None:
    phone.sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.lose_network()
    phone.open("/record/body_weight")
    record_reading(phone.page, "83.4")
    elsewhere = Api(place.elsewhere.url, PATIENT)
    elsewhere.delete("/me/sessions")
    elsewhere.close()
    phone.find_network()
    expect(phone.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    phone.page.wait_for_function("JSON.parse(localStorage.getItem('tendwell.app.kept')).owner === null")
    phone.wait_until_kept(pages=0, unsent=1)

    phone.sign_in(PATIENT_ELSEWHERE, own=True)
    expect(phone.unsent).to_have_count(0)
    phone.open("/settings")
    phone.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(phone.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    assert recorded(place, 83.4) == []

    phone.sign_in(PATIENT, own=False)
    expect(phone.unsent).to_have_count(0)
    until(lambda: len(recorded(place, 83.4)) == 1)


def test_signing_out_asks_about_what_is_not_sent_first(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.lose_network()
    phone.open("/record/body_weight")
    record_reading(phone.page, "84.5")
    phone.open("/settings")
    phone.page.get_by_role("button", name="Sign out", exact=True).click()
    asked = phone.page.get_by_role("alert")
    expect(asked).to_contain_text("1 thing that you did is not sent yet")
    asked.get_by_role("button", name="Cancel").click()
    phone.wait_until_kept(unsent=1)
    phone.page.get_by_role("button", name="Sign out", exact=True).click()
    asked.get_by_role("button", name="Sign out and lose them").click()
    expect(phone.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    phone.page.wait_for_function("indexedDB.databases().then((all) => all.length === 0)")


def test_a_copy_that_is_a_day_old_says_so_on_every_page_and_one_whose_age_nobody_knows_does_too(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.lose_network()
    now = datetime.now(UTC)
    phone.page.clock.set_system_time(now + timedelta(hours=25))
    for path in ("/", "/numbers"):
        phone.open(path)
        expect(phone.bar).to_contain_text("This is old: your record as it was yesterday at")
        expect(phone.bar).to_have_attribute("data-old", "true")
    phone.page.clock.set_system_time(now - timedelta(hours=3))
    phone.open("/")
    expect(phone.bar).to_contain_text("This phone's clock was changed.")
    phone.find_network()
    expect(phone.bar).to_contain_text("Your record as it was")
    expect(phone.bar).to_have_attribute("data-old", "false")


def test_whom_to_call_is_shown_though_the_app_was_opened_without_a_network(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    phone.lose_network()
    phone.open("/check-ins/phq-9")
    for question in range(9):
        heading = phone.page.get_by_role("heading", level=1)
        before = heading.inner_text()
        phone.page.get_by_label("Several days" if question == 8 else "Not at all", exact=True).check()
        phone.page.get_by_role("button", name="Next").click()
        expect(heading).not_to_have_text(before)
    expect(phone.page.get_by_role("link", name="Samaritans: 116 123")).to_have_attribute("href", "tel:116123")
    expect(phone.page.get_by_role("link", name="Emergency services: 999")).to_be_visible()
    phone.open("/check-ins/help")
    expect(phone.page.get_by_role("link", name="Samaritans: 116 123")).to_be_visible()


def test_an_open_alert_stands_on_the_phone_without_a_network_as_of_then_and_is_gone_when_it_is_answered(
    phone: Phone, place: Place
) -> None:
    answers = [{"link_id": f"q{number}", "value": int(number == 9)} for number in range(1, 10)]
    given = {"questionnaire": "phq-9", "version": "1", "authored_at": datetime.now(UTC).isoformat(), "answers": answers}
    rose = f"/patients/{place.patient('rose_resident')}"
    place.elsewhere_as(PATIENT_ELSEWHERE).post(f"{rose}/questionnaire-responses", given)
    asha = place.elsewhere_as(CLINICIAN)
    (alert,) = [each for each in asha.get(f"{rose}/alerts")["items"] if each["status"] != "resolved"]
    phone.sign_in(PATIENT_ELSEWHERE, own=True)
    phone.wait_for_worker()
    alerts = phone.page.get_by_role("region", name="Alerts about you")
    expect(alerts).to_contain_text("Nobody has answered yet.")
    phone.lose_network()
    expect(alerts).to_contain_text("It may have been answered since")
    expect(alerts).to_contain_text("Nobody had answered then.")
    asha.post(f"{rose}/alerts/{alert['id']}/acknowledgement", {"note": "I call her"})
    asha.post(f"{rose}/alerts/{alert['id']}/resolution", {"outcome": "spoke_with_them", "note": "Safe"})
    phone.open("/")
    expect(alerts).to_contain_text("Nobody had answered then.")
    phone.find_network()
    expect(alerts).to_have_count(0)
    phone.lose_network()
    expect(phone.bar).to_have_attribute("data-online", "false")
    expect(alerts).to_have_count(0)
