"""Plans for who cares for somebody: the zone as it stands now, who said what of a version, questions to answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from playwright.sync_api import Locator, expect

from domain.clock import london_date
from tests.browser.accessible import require_accessible
from tests.browser.conftest import Place, StartJourney
from tests.browser.records import CLINICIAN, PATIENT
from tests.cast import just_now

PERSON = "sam_at_home"
QUESTION = "May I walk when it is icy?"
ZONES = [
    {
        "colour": colour,
        "any_of": [{"all_of": [{"sign": "peak_expiratory_flow", "basis": "latest", **limit, "unit": "L/min"}]}],
        "instructions": instructions,
    }
    for colour, limit, instructions in (
        ("green", {"comparator": ">=", "value": 400}, "Go on as you are."),
        ("amber", {"comparator": "<", "value": 400}, "Ring the practice today."),
        ("red", {"comparator": "<", "value": 250}, "Call 999."),
    )
]


def published(place: Place, title: str) -> str:
    """Return the id of a plan with zones that was agreed with Sam today."""
    today = london_date(just_now())
    plan = {
        "title": title,
        "agreed_on": today.isoformat(),
        "review_on": (today + timedelta(days=7)).isoformat(),
        "actions": [{"title": f"Walk: {title}", "schedule": {"rrule": "FREQ=YEARLY", "starts_on": today.isoformat()}}],
        "zones": ZONES,
    }
    made = place.elsewhere_as(CLINICIAN).post(f"/patients/{place.patient(PERSON)}/action-plans", plan)
    return str(made["id"])


def said(place: Place, plan_id: str, **what: Any) -> None:
    """Let Sam say something of a plan."""
    body = {"client_id": f"said-{plan_id}", "said_at": just_now().isoformat(), **what}
    place.elsewhere_as(PATIENT).post(f"/patients/{place.patient(PERSON)}/action-plans/{plan_id}/acknowledgements", body)


def ended(place: Place, plan_id: str) -> None:
    """End a plan: other tests look at the same person."""
    path = f"/patients/{place.patient(PERSON)}/action-plans/{plan_id}/end"
    place.elsewhere_as(CLINICIAN).post(path, {"reason": "The test is over"})


def panel(page: Any, title: str) -> Locator:
    """Return a plan on the page about one person."""
    found: Locator = page.get_by_role("region", name=title, exact=True)
    return found


def test_the_zone_is_not_known_before_anything_is_measured_and_then_the_one_that_holds(
    start: StartJourney, place: Place
) -> None:
    made = published(place, "Breathing well")
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient(PERSON)}/plan")
    zone = panel(tab.page, "Breathing well").locator("[data-zone]")
    expect(zone).to_have_attribute("data-zone", "unknown")
    expect(zone).to_contain_text("Peak expiratory flow: not measured")
    expect(zone).to_contain_text("does not mean that all is well")
    require_accessible(tab, "HOME, Sam")
    reading = {
        "client_id": f"flow-{made}",
        "sign": "peak_expiratory_flow",
        "value": 310,
        "unit": "L/min",
        "effective_at": just_now().isoformat(),
    }
    place.elsewhere_as(PATIENT).record(place.patient(PERSON), reading)
    tab.page.reload()
    expect(zone).to_have_attribute("data-zone", "amber")
    expect(zone).to_contain_text("Peak expiratory flow: 310 L/min (the zone asks for less than 400 L/min)")
    expect(zone).to_contain_text("Ring the practice today.")
    require_accessible(tab, "HOME, Sam")
    ended(place, made)


def test_a_question_is_answered_where_the_plan_stands_and_who_understood_it_is_told(
    start: StartJourney, place: Place
) -> None:
    made = published(place, "Walking more")
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{place.patient(PERSON)}/plan")
    plan = panel(tab.page, "Walking more")
    expect(plan).to_contain_text("Nobody has said that they have read this version.")
    said(place, made, answer="question", note=QUESTION)
    expect(plan.locator("[data-said=question]")).to_contain_text(QUESTION)
    expect(plan.locator("[data-said=question]")).to_contain_text("Not answered")
    plan.locator("summary").filter(has_text="Answer").click()
    plan.get_by_role("button", name="Send the answer").click()
    expect(plan.get_by_role("alert")).to_contain_text("Write an answer to who asked")
    require_accessible(tab, "HOME, Sam")
    plan.get_by_label("Your answer").fill("Not on ice: walk indoors.")
    plan.get_by_role("button", name="Send the answer").click()
    expect(plan.locator("[data-said=question]")).to_contain_text("Not on ice: walk indoors.")
    expect(plan.get_by_text("Not answered")).to_have_count(0)
    said(place, made, answer="understood", client_id=f"understood-{made}")
    expect(plan.locator("[data-said=understood]")).to_contain_text("The patient said on")
    ended(place, made)


def test_open_questions_of_all_patients_stand_in_one_list_until_they_are_answered(
    start: StartJourney, place: Place
) -> None:
    made = published(place, "Sleeping better")
    said(place, made, answer="question", note="What if I wake at night?")
    ended(place, made)
    tab = start()
    tab.sign_in(CLINICIAN)
    tab.page.get_by_role("link", name="Plans", exact=True).click()
    question = tab.page.locator("[data-question]").filter(has_text="What if I wake at night?")
    expect(question).to_contain_text("which is no longer in force")
    require_accessible(tab, "Plans")
    question.locator("summary").click()
    question.get_by_label("Your answer").fill("Get up and read a little.")
    question.get_by_role("button", name="Send the answer").click()
    expect(question).to_have_count(0)
    expect(tab.page.get_by_text("Sam Home: your answer stands with the plan.")).to_be_visible()
    tab.page.reload()
    expect(tab.page.get_by_role("heading", name="Plans to look at again")).to_be_visible()
    expect(question).to_have_count(0)


def test_questions_that_cannot_be_loaded_never_look_like_none(start: StartJourney) -> None:
    tab = start()
    tab.page.route("**/v1/plan-questions*", lambda route: route.abort())
    tab.sign_in(CLINICIAN, "/plans")
    questions = tab.page.get_by_role("region", name="Questions about plans")
    expect(questions.get_by_role("alert")).to_contain_text("Questions could not be loaded.")
    expect(questions.get_by_text("No question is open.")).to_have_count(0)
    tab.page.unroute("**/v1/plan-questions*")
    questions.get_by_role("button", name="Try again").click()
    expect(questions.get_by_role("alert")).to_have_count(0)
