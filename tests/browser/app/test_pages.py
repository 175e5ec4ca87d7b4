"""What a patient does on a phone: records, answers, ticks off, and is told whom to call; with a network and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app.conftest import SMALL_PHONE, OpenApp
from tests.browser.app.phone import Phone
from tests.browser.conftest import Place, StartJourney
from tests.browser.journey import Journey
from tests.browser.keyboard import tab_to
from tests.browser.records import CLINICIAN, LATE

Publish = Callable[[str], str]

PERSON = "sam_at_home"
PAGES = (
    ("", "Today"),
    ("record", "Record a reading"),
    ("record/blood_glucose", "Record a reading"),
    ("record/device", "Read from a device"),
    ("numbers", "Your numbers"),
    ("numbers/body_weight", "Weight"),
    ("goals", "Your goals"),
    ("goals/new", "Make a goal"),
    ("plan", "Your plan"),
    ("care-plan", "Your care and support plan"),
    ("care-plan/write", "Write or change your plan"),
    ("check-ins", "Check-ins"),
    ("check-ins/phq-9", "Your mood in the last two weeks"),
    ("check-ins/diary", "Write in the diary"),
    ("check-ins/help", "You do not have to face this alone"),
    ("people", "Who can see your record"),
    ("people/choices", "Your choices"),
    ("who-looked", "Who has looked"),
    ("feedback", "Say how your care was"),
)
# A cuff's own packet (2A35): mmHg, 23 November 2025 08:00:00 by its clock, 132/78, pulse 64.
FAKE_CUFF = """() => {
    const bytes = Uint8Array.from([6, 132, 0, 78, 0, 96, 0, 0xe9, 7, 11, 23, 8, 0, 0, 64, 0]);
    const listeners = [];
    const characteristic = {
        startNotifications: async () => {
            for (const listen of listeners) listen({ target: { value: new DataView(bytes.buffer) } });
        },
        writeValueWithResponse: async () => undefined,
        addEventListener: (_, listener) => listeners.push(listener),
        removeEventListener: () => undefined,
    };
    const service = { getCharacteristic: async () => characteristic };
    const server = { disconnect: () => undefined, getPrimaryService: async () => service };
    server.connect = async () => server;
    const device = { id: "1", name: "Cuff", gatt: server };
    device.addEventListener = device.removeEventListener = () => undefined;
    const bluetooth = { requestDevice: async () => device };
    Object.defineProperty(navigator, "bluetooth", { value: bluetooth, configurable: true });
}"""


def record(page: Page, **numbers: str) -> None:
    """Fill in numbers by their labels' beginnings, and press Record."""
    for label, number in numbers.items():
        page.get_by_label(label.replace("_", " "), exact=False).fill(number)
    page.get_by_role("button", name="Record", exact=True).click()


def test_a_reading_typed_on_the_phone_is_seen_by_the_clinician(
    open_app: OpenApp, start: StartJourney, place: Place
) -> None:
    tab = open_app("record/blood_pressure")
    record(tab.page, Upper_number="141", Lower_number="86", Pulse="63")
    expect(tab.page.get_by_role("heading", name="Recorded")).to_be_focused()
    expect(tab.page.get_by_text("Blood pressure: 141/86 mmHg")).to_be_visible()
    expect(tab.page.locator("[data-unsent]")).to_have_count(0)
    desk = start()
    desk.sign_in(CLINICIAN, f"/patients/{place.patient(PERSON)}")
    expect(desk.sign("blood_pressure")).to_contain_text("141/86")


def test_an_unusual_reading_is_asked_about_before_it_is_kept(open_app: OpenApp) -> None:
    tab = open_app("record/oxygen_saturation")
    record(tab.page, Reading="64")
    expect(tab.page.get_by_role("heading", name="Check this reading")).to_be_focused()
    expect(tab.page.get_by_text("Less than 70 % is unusual.")).to_be_visible()
    tab.page.get_by_role("button", name="Change it").click()
    expect(tab.page.get_by_label("Reading")).to_have_value("64")


def test_a_half_filled_form_outlives_a_reload(open_app: OpenApp) -> None:
    tab = open_app("record/body_weight")
    tab.page.get_by_label("Reading").fill("80.4")
    tab.page.reload()
    expect(tab.page.get_by_label("Reading")).to_have_value("80.4")
    expect(tab.page.get_by_text("You had begun this before.")).to_be_visible()


def test_a_reading_is_recorded_with_the_keyboard_alone(open_app: OpenApp) -> None:
    tab = open_app("record/heart_rate")
    tab_to(tab.page, "Reading (beats a minute)")
    tab.page.keyboard.type("71")
    tab_to(tab.page, "Record")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_text("Pulse: 71 beats a minute")).to_be_visible()
    expect(tab.page.get_by_role("heading", name="Recorded")).to_be_focused()


def test_what_is_due_is_ticked_off_without_a_network_and_sent_later(open_app: OpenApp, place: Place) -> None:
    tab = open_app()
    tab.page.context.set_offline(True)
    tab.page.locator("[data-due='Measure blood pressure']").get_by_role("button", name="Done").click()
    expect(tab.page.get_by_text("Nothing is left to do today.")).to_be_visible()
    expect(tab.page.get_by_text("Not sent yet")).to_be_visible()
    tab.page.context.set_offline(False)
    tab.page.get_by_role("button", name="Check now").click()
    expect(tab.page.get_by_text("Not sent yet")).to_have_count(0)
    asha = place.elsewhere_as(CLINICIAN)
    plans = asha.get(f"/patients/{place.patient(PERSON)}/action-plans")["items"]
    at_home = next(one["id"] for one in plans if one["title"] == "At home")
    plan = asha.get(f"/patients/{place.patient(PERSON)}/action-plans/{at_home}")
    assert [one["recorded_as"] for one in plan["recent_completions"]] == ["patient"]


def test_the_zone_is_told_with_its_reasons_never_green_by_default_and_never_without_a_network(
    open_app: OpenApp, publish: Publish
) -> None:
    publish("Breathing plan")
    tab = open_app("plan")
    zone = tab.page.locator("[data-zone-now='Breathing plan']")
    expect(zone).to_contain_text("Your zone is not known")
    expect(zone).to_contain_text("Short of breath: not said in your diary yet")
    move_to(tab, "check-ins/diary")
    tab.page.get_by_text("Do you notice any of these?").click()
    tab.page.get_by_label("Short of breath", exact=True).select_option("Moderate")
    tab.page.get_by_role("button", name="Save").click()
    expect(tab.page.get_by_role("heading", name="It is in your diary.")).to_be_visible()
    move_to(tab, "")
    expect(zone).to_contain_text("Amber: act today")
    expect(zone).to_contain_text("Short of breath: Mild or worse. Seen: Moderate, today at")
    expect(zone.get_by_role("link", name="Call Breathing nurse: 020 7946 0000")).to_have_attribute(
        "href", "tel:02079460000"
    )
    tab.page.context.set_offline(True)
    expect(zone).to_contain_text("Your zone is not known")
    expect(zone).not_to_contain_text("Amber")
    expect(tab.page.get_by_text("Ring us today")).to_be_visible()
    move_to(tab, "check-ins/help")
    expect(tab.page.get_by_role("link", name="Call Breathing nurse: 020 7946 0000")).to_be_visible()
    tab.page.context.set_offline(False)


def test_a_plan_is_understood_without_a_network_and_its_question_asked_later(
    open_app: OpenApp, place: Place, publish: Publish
) -> None:
    plan_id = publish("Plan to read")
    tab = open_app()
    part = tab.page.locator("[data-acknowledge='Plan to read']")
    tab.page.context.set_offline(True)
    part.get_by_role("button", name="I have read and understood it").click()
    expect(part).to_contain_text("that you have read and understood this plan. Not sent yet")
    expect(part.get_by_role("button", name="I have read and understood it")).to_have_count(0)
    tab.page.context.set_offline(False)
    tab.page.get_by_role("button", name="Check now").click()
    expect(part).not_to_contain_text("Not sent yet")
    move_to(tab, "plan")
    part.get_by_role("button", name="I have a question").click()
    part.get_by_label("What would you like to know?", exact=False).fill("May I still swim?")
    part.get_by_role("button", name="Keep my question").click()
    expect(part).to_contain_text("that you have a question about this plan. May I still swim?")
    expect(part).not_to_contain_text("Not sent yet")
    plan = place.elsewhere_as(CLINICIAN).get(f"/patients/{place.patient(PERSON)}/action-plans/{plan_id}")
    said = [(one["answer"], one["note"]) for one in plan["acknowledgements"]]
    assert said == [("question", "May I still swim?"), ("understood", None)]


def test_how_care_was_is_said_without_a_name(open_app: OpenApp) -> None:
    tab = open_app("feedback")
    tab.page.get_by_role("button", name="Send my answer").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("Choose an answer")
    tab.page.get_by_label("Very good").check()
    with tab.page.expect_request("**/feedback") as asked:
        tab.page.get_by_role("button", name="Send my answer").click()
    assert {"authorization", "cookie"} & set(asked.value.all_headers()) == set()
    expect(tab.page.get_by_role("heading", name="Thank you for your answer")).to_be_focused()


def test_a_goal_that_was_suggested_is_taken_on(open_app: OpenApp, place: Place) -> None:
    asha = place.elsewhere_as(CLINICIAN)
    goal = asha.post(f"/patients/{place.patient(PERSON)}/goals", {"description": "Walk to the shops and back"})
    tab = open_app("goals")
    tab.page.get_by_role("link", name="Walk to the shops and back").click()
    expect(tab.page.get_by_role("heading", name="Walk to the shops and back", level=1)).to_be_focused()
    tab.page.get_by_role("button", name="Yes, I take it on").click()
    expect(tab.page.get_by_role("button", name="Begin")).to_be_visible()
    found = asha.get(f"/patients/{place.patient(PERSON)}/goals/{goal['id']}")
    assert (found["lifecycle_status"], found["history"][-1]["taken_as"]) == ("accepted", "patient")


def test_a_goal_is_made_without_a_network(open_app: OpenApp) -> None:
    tab = open_app("goals/new")
    tab.page.context.set_offline(True)
    tab.page.get_by_label("What would you like to do or reach?").fill("Sleep through the night")
    tab.page.get_by_role("button", name="Save").click()
    expect(tab.page.get_by_role("heading", name="Your goal is kept.")).to_be_focused()
    move_to(tab, "goals")
    expect(tab.page.get_by_role("heading", name="Sleep through the night")).to_be_visible()
    tab.page.context.set_offline(False)


def test_an_answer_that_cannot_wait_shows_whom_to_call_at_once_without_a_network(open_app: OpenApp) -> None:
    tab = open_app("check-ins/phq-9")
    tab.page.context.set_offline(True)
    for _ in range(8):
        answer(tab, "Not at all")
    answer(tab, "Several days")
    expect(tab.page.get_by_role("heading", name="You do not have to face this alone", level=1)).to_be_focused()
    expect(tab.page.get_by_role("link", name="Samaritans: 116 123")).to_have_attribute("href", "tel:116123")
    expect(tab.page.get_by_role("link", name="Emergency services: 999")).to_have_attribute("href", "tel:999")
    expect(tab.page.get_by_text("Your answers have not been sent yet")).to_be_visible()
    tab.page.get_by_role("button", name="I have seen this").click()
    expect(tab.page.get_by_role("group", name="how difficult", exact=False)).to_be_visible()
    tab.page.get_by_role("button", name="Leave this one out").click()
    expect(tab.page.get_by_role("heading", name="Look over your answers")).to_be_focused()
    tab.page.get_by_role("button", name="Send my answers").click()
    expect(tab.page.locator("[data-crisis]")).to_be_visible()
    expect(tab.page.get_by_text("Your answers are kept")).to_be_visible()
    expect(tab.page.get_by_text("Your score is")).to_have_count(0)  # "few signs or none" would say that all is well
    tab.page.context.set_offline(False)


def test_questions_half_answered_outlive_a_reload(open_app: OpenApp) -> None:
    tab = open_app("check-ins/gad-7")
    answer(tab, "Several days")
    tab.page.reload()
    expect(tab.page.get_by_text("Question 2 of 7")).to_be_visible()
    tab.page.get_by_role("button", name="Back").click()
    expect(tab.page.get_by_label("Several days")).to_be_checked()


def test_what_a_device_tells_is_shown_before_any_of_it_is_kept(open_app: OpenApp) -> None:
    tab = open_app("record/device")
    tab.page.evaluate(FAKE_CUFF)
    move_to(tab, "numbers")
    move_to(tab, "record/device")
    tab.page.get_by_role("button", name="Look for the device").click()
    expect(tab.page.get_by_role("heading", name="1 reading from Cuff")).to_be_focused()
    expect(tab.page.get_by_text("Blood pressure: 132/78 mmHg", exact=True)).to_be_visible()
    expect(tab.page.get_by_text("23 November 2025, 08:00", exact=True)).to_be_visible()
    tab.page.get_by_role("button", name="Keep the chosen ones").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("Choose at least one")
    tab.page.get_by_label("Keep this one").check()
    tab.page.get_by_role("button", name="Keep the chosen ones").click()
    expect(tab.page.get_by_text("1 reading is recorded.")).to_be_visible()


@pytest.mark.parametrize("language", ["English", "Cymraeg"])
def test_every_page_is_in_order_on_a_small_phone(open_app: OpenApp, publish: Publish, language: str) -> None:
    publish("A plan with zones")
    tab = open_app()
    if language == "Cymraeg":
        tab.page.get_by_role("button", name=language).click()
        expect(tab.page.locator("html")).to_have_attribute("lang", "cy")
    for path, heading in PAGES:
        move_to(tab, path)
        shown = tab.page.get_by_role("heading", level=1)
        expect(shown).to_be_visible()
        if language == "English":
            expect(shown).to_contain_text(heading)
        assert tab.violations() == [], path
        require_narrow(tab, path)


@pytest.fixture
def publish(place: Place) -> Iterator[Publish]:
    """Yield how to publish a plan with zones, of which the id is returned; each ends with the test."""
    published: list[str] = []

    def plan_with_zones(title: str) -> str:
        published.append(publish_zones(place, title))
        return published[-1]

    yield plan_with_zones
    for plan_id in published:
        path = f"/patients/{place.patient(PERSON)}/action-plans/{plan_id}/end"
        place.elsewhere_as(CLINICIAN).post(path, {"reason": "The test is over"})


def publish_zones(place: Place, title: str) -> str:
    """Return the id of a plan whose zones go by one symptom, as the clinician publishes it."""
    today = datetime.now(UTC).date()
    contact = {"name": "Breathing nurse", "phone": "020 7946 0000", "hours": "Weekdays 9 to 5"}
    limits = (("green", "<=", 0), ("amber", ">=", 1), ("red", ">=", 3))
    plan = {
        "title": title,
        "agreed_on": today.isoformat(),
        "review_on": (today + timedelta(days=90)).isoformat(),
        "actions": [{"title": f"Breathe slowly: {title}", "schedule": {"rrule": "FREQ=DAILY", "times": [LATE]}}],
        "zones": [
            {
                "colour": colour,
                "any_of": [{"all_of": [{"symptom": "breathlessness", "comparator": comparator, "level": level}]}],
                "instructions": {"green": "Go on as agreed", "amber": "Ring us today", "red": "Call 999"}[colour],
                "contact": None if colour == "green" else contact,
            }
            for colour, comparator, level in limits
        ],
    }
    asha = place.elsewhere_as(CLINICIAN)
    return str(asha.post(f"/patients/{place.patient(PERSON)}/action-plans", plan)["id"])


def move_to(tab: Journey, path: str) -> None:
    """Go to another page of the app without a reload, as a link does."""
    script = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
    tab.page.evaluate(script, f"/app/{path}")


def require_narrow(tab: Journey, path: str) -> None:
    """Fail if a page is scrolled sideways at 320 pixels, or with text of twice the size (WCAG 1.4.10, 1.4.4)."""
    tab.page.set_viewport_size({"width": 320, "height": 740})
    assert tab.overflow() <= 0, path
    tab.page.set_viewport_size({"width": 360, "height": 740})
    tab.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert tab.overflow() <= 0, f"{path} with text of twice the size"
    tab.page.evaluate("document.documentElement.style.fontSize = ''")


def answer(tab: Journey, words: str) -> None:
    """Choose an answer and go on; return when the next question stands there."""
    before = tab.page.get_by_role("heading", level=1).inner_text()
    tab.page.get_by_label(words, exact=True).check()
    tab.page.get_by_role("button", name="Next").click()
    expect(tab.page.get_by_role("heading", level=1)).not_to_have_text(before)


def test_what_is_to_be_done_today_stands_before_plans_to_read(open_app: OpenApp, publish: Publish) -> None:
    publish("New in the first place")
    publish("New in the second place")
    tab = open_app()
    expect(tab.page.get_by_role("heading", name="Plans to read")).to_be_visible()
    headings = tab.page.get_by_role("heading", level=2).all_inner_texts()
    assert headings.index("To do today") < headings.index("Plans to read")


def test_who_lives_in_a_care_home_says_whose_care_they_tell_of(start: StartJourney, place: Place) -> None:
    tab = start(size=SMALL_PHONE)
    Phone(tab).sign_in("rose_herself", own=False, path="/feedback")
    home = place.cast.organisations["care_home"]
    expect(tab.page.get_by_label("My GP practice")).to_be_checked()
    tab.page.get_by_role("radio").nth(1).check()
    tab.page.get_by_label("Very good").check()
    assert tab.violations() == []
    with tab.page.expect_request(f"**/organisations/{home}/feedback"):
        tab.page.get_by_role("button", name="Send my answer").click()
    expect(tab.page.get_by_role("heading", name="Thank you for your answer")).to_be_focused()
