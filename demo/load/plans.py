"""Recording the goals of the two people at home, as they set them themselves, and the plans agreed with them.

Whoever has a cuff has the service's own template's zones in theirs. Each says of their plan what they make of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from demo.cast import CARE_PLANS, OWN_ACCOUNT, WITH_CUFF, Person
from demo.connection import Json, SignIn
from demo.load.several import several
from demo.prepare_data import DATA
from demo.readers.eicu import CarePlanGoal, read_actions, read_goals

EICU = DATA / "eicu_demo_careplan"
GOALS_SET_DAYS_AGO = 60
TARGET_DUE_IN_DAYS = 60
REVIEW_IN_DAYS = 90
FIRST_STATE = ("active", "in-progress")  # of a goal that the patient sets for themself
PRESSURE_GOAL = "Keep my blood pressure at home below 135"
PRESSURE_ACTION = "Take your blood pressure sitting down"
TITLES = {True: "Heart and blood pressure at home", False: "Getting about safely at home"}

TEMPLATE = "hypertension"
TURN_TO = {"name": "Your practice (demo)", "phone": "0161 496 0000", "hours": "Weekdays 8 to 6"}
SAID = {
    True: {"answer": "understood"},
    False: {"answer": "question", "note": "May I leave the walk out when it is icy?"},
}

DIARY: tuple[tuple[int, str, dict[str, int]], ...] = (
    (3, "A headache after lunch. Gone by the evening.", {"headache": 1, "chest_pain": 0}),
    (2, "Light-headed when I stood up, for a moment.", {"dizziness": 1, "chest_pain": 0}),
    (1, "Slept well. Walked to the park and back.", {"chest_pain": 0}),
)

# NICE NG136: with a home average below 135/85 mmHg, hypertension is controlled (adults under 80).
HOME_SYSTOLIC_BELOW = 135


@dataclass(frozen=True, slots=True)
class WantedGoal:
    """A goal as it is sent, the state it should come to, and the words that an earlier demo had for it."""

    body: Json
    state: tuple[str, str | None]
    formerly: str | None = None


def wanted_goals(person: Person, stay: str, today: date) -> list[WantedGoal]:
    """Return the goals of a person: the care plan's, and for whoever has a cuff a measurable one of our own."""
    start_on = (today - timedelta(days=GOALS_SET_DAYS_AGO)).isoformat()
    goals = [
        _wanted(goal, f"demo.{stay}.{number}", start_on)
        for number, goal in enumerate(read_goals(EICU / "carePlanGoal.csv", stay))
    ]
    if person == WITH_CUFF:
        target = {
            "sign": "blood_pressure",
            "part": "systolic",
            "comparator": "<",
            "value": HOME_SYSTOLIC_BELOW,
            "unit": "mm[Hg]",
            "due_on": (today + timedelta(days=TARGET_DUE_IN_DAYS)).isoformat(),
        }
        own = {"description": PRESSURE_GOAL, "client_id": "demo.pressure", "start_on": start_on, "target": target}
        goals.insert(0, WantedGoal(own, FIRST_STATE))
    return goals


def _wanted(goal: CarePlanGoal, client_id: str, start_on: str) -> WantedGoal:
    body = {"description": goal.description, "client_id": client_id, "start_on": start_on}
    return WantedGoal(body, (goal.lifecycle, goal.achievement), formerly=goal.charted)


async def record_plans(clinician: SignIn, sign_ins: dict[str, SignIn], patients: dict[str, str], today: date) -> int:
    """Return how many goals are recorded, after setting missing ones and publishing missing plans."""
    number = 0
    for email, person in OWN_ACCOUNT.items():
        path, stay = f"/v1/patients/{patients[person.nhs_number]}", CARE_PLANS[person]
        goals = await _record_goals(sign_ins[email], path, wanted_goals(person, stay, today))
        plan = plan_of(person, stay, today) | {"goal_ids": goals}
        if person == WITH_CUFF:
            plan |= await _zones(clinician)
            await _record_diary(sign_ins[email], path, today)
        await _record_plan(clinician, sign_ins[email], path, plan, SAID[person == WITH_CUFF])
        number += len(goals)
    return number


async def _record_goals(patient: SignIn, path: str, goals: list[WantedGoal]) -> list[str]:
    """Return the goals' ids. A goal that was moved on since it was loaded is left as it stands."""
    known = {item["description"]: item async for item in patient.every(f"{path}/goals")}

    async def ensure(goal: WantedGoal) -> str:
        found = known.get(goal.body["description"]) or known.get(goal.formerly)
        goal_id = found["id"] if found else (await patient.ask("POST", f"{path}/goals", json=goal.body))["id"]
        state = (found["lifecycle_status"], found["achievement_status"]) if found else FIRST_STATE
        if state == FIRST_STATE != goal.state:
            lifecycle, achievement = goal.state
            change = {"lifecycle_status": lifecycle} | ({"achievement_status": achievement} if achievement else {})
            await patient.ask("POST", f"{path}/goals/{goal_id}/status", json=change)
        return str(goal_id)

    return await several(ensure, goals)


def plan_of(person: Person, stay: str, today: date) -> Json:
    """Return the plan agreed with a person: the care plan's steps in plain words, once at any time of each day.

    A time of day that has passed when the demo is loaded would not be due before tomorrow, and look like a dead plan.
    """
    has_cuff = person == WITH_CUFF
    daily = {"rrule": "FREQ=DAILY", "starts_on": today.isoformat(), "times": []}
    actions = [{"title": step, "schedule": daily} for step in read_actions(EICU / "carePlanGeneral.csv", stay)]
    if has_cuff:
        rest = "Rest for five minutes first. Keep your arm at the height of your heart, and do not talk."
        asks_for = {"kind": "reading", "of": "blood_pressure"}
        measure = {"title": PRESSURE_ACTION, "instructions": rest, "schedule": daily, "asks_for": asks_for}
        actions.insert(0, measure)
    return {
        "client_id": f"demo.{stay}",
        "title": TITLES[has_cuff],
        "agreed_on": today.isoformat(),
        "review_on": (today + timedelta(days=REVIEW_IN_DAYS)).isoformat(),
        "actions": actions,
    }


async def _record_diary(patient: SignIn, path: str, today: date) -> None:
    """Record what the person noted on the days before. Sent again it is kept once: each has a name of its own."""
    for days_ago, note, symptoms in DIARY:
        on = today - timedelta(days=days_ago)
        noticed = [{"symptom": symptom, "level": level} for symptom, level in symptoms.items()]
        entry = {"client_id": f"demo.diary.{days_ago}", "effective_at": f"{on.isoformat()}T08:10:00+00:00"}
        await patient.ask("POST", f"{path}/diary", json=entry | {"note": note, "symptoms": noticed})


async def _zones(clinician: SignIn) -> Json:
    """Return the zones of the template for high blood pressure, with whom to turn to, and which template it is."""
    found = await clinician.ask("GET", f"/v1/plan-templates/{TEMPLATE}")
    zones = [zone | {"contact": TURN_TO} for zone in found["zones"]]
    return {"zones": zones, "template": {"key": found["key"], "version": found["version"]}}


async def _record_plan(clinician: SignIn, patient: SignIn, path: str, plan: Json, said: Json) -> None:
    """Publish the plan unless one of its title is there; and let the person say what they make of it, once."""
    known = {item["title"]: item async for item in patient.every(f"{path}/action-plans")}
    found = known.get(plan["title"]) or await clinician.ask("POST", f"{path}/action-plans", json=plan)
    if found["status"] == "active" and not found["acknowledgements"]:
        now = datetime.now(UTC).isoformat()
        body = {"client_id": "demo.read", "said_at": now} | said
        await patient.ask("POST", f"{path}/action-plans/{found['id']}/acknowledgements", json=body)
