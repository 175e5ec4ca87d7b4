"""Care-plan goals and items of a tele-intensive-care programme (eICU demo), read for two people who went home.

Refuses to know the service's states and people. Goals are charted again and again: the last charting counts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# What a person at home can work on: the chart's words -> the same wish as its owner would say it. The rest of the
# dataset's goals are an intensive-care unit's own business.
SUITABLE_GOALS = {
    "Controlled atrial fibrillation": "Keep my heartbeat steady",
    "Cough effort/airway clearance effective": "Cough and clear my chest well",
    "Does not incur an injury": "Stay safe at home, without a fall",
    "Is chest pain free with activity": "Climb the stairs without pain in my chest",
    "Normal blood glucose within ordered parameters": "Keep my blood sugar in the range we agreed",
    "Patient free from anginal symptoms": "Get through the day without tightness in my chest",
    "Patient returns to previous level of activity or improved independence": (
        "Walk to the shop and back without stopping"
    ),
    "Patient/family state knowledge of daily plan of care": "Know what to do each day, and my family too",
    "Performs ADLs, transfer, ambulation without problems": "Wash, dress and get about by myself",
    "Pulse oximetry within ordered parameters": "Keep my oxygen level in the range we agreed",
    "Vital signs within normal parameters": "Keep my blood pressure and pulse steady",
}
# Care-plan items a person or their carer can do at home: their words -> the step in plain words.
SUITABLE_ITEMS = {
    ("Activity", "Ambulate"): "Take a walk indoors or outside",
    ("Activity", "Ambulate with assistance"): "Take a walk with somebody beside you",
    ("Activity", "Chair"): "Sit out in a chair for your meals",
    (
        "Ordered Protocols",
        "Congestive Heart Failure (CHF)",
    ): "Follow your heart failure plan: weigh yourself each morning",
    ("Ordered Protocols", "Glucose control"): "Check your blood glucose before breakfast",
    ("Pressure Ulcer Treatment", "Heels floated"): "Rest with a pillow under your calves, heels free",
    ("Route-Status", "Oral - diabetic"): "Keep to the diabetic meal plan",
    ("Route-Status", "Oral - low sodium"): "Keep to low-salt meals",
    ("Safety/Restraints", "Assess fall risk"): "Look round the house for things to trip over",
    ("Safety/Restraints", "Fall prevention per policy"): "Wear your shoes and keep the night light on",
}
STATES = {
    "Active": ("active", "in-progress"),
    "Progressing towards goal": ("active", "improving"),
    "Resolved": ("completed", "achieved"),
    "Deferred": ("on-hold", None),
}


@dataclass(frozen=True, slots=True)
class CarePlanGoal:
    """What the plan wanted, as charted and in plain words, its category, and its last charted state in FHIR's words."""

    charted: str
    description: str
    category: str
    lifecycle: str
    achievement: str | None


def read_goals(path: Path, stay: str) -> tuple[CarePlanGoal, ...]:
    """Return a stay's goals that make sense at home, in order of first charting, each in its last state."""
    with path.open(encoding="utf-8", newline="") as file:
        return parse_goals(row for row in csv.DictReader(file) if row["patientunitstayid"] == stay)


def parse_goals(rows: Iterable[dict[str, str]]) -> tuple[CarePlanGoal, ...]:
    """Return the goals of one stay's rows; a goal without words or outside the list is left out."""
    found: dict[str, CarePlanGoal] = {}
    for row in sorted(rows, key=lambda row: (int(row["cplgoaloffset"]), int(row["cplgoalid"]))):
        words = row["cplgoalvalue"].strip()
        if words in SUITABLE_GOALS:
            lifecycle, achievement = STATES[row["cplgoalstatus"]]
            found[words] = CarePlanGoal(words, SUITABLE_GOALS[words], row["cplgoalcategory"], lifecycle, achievement)
    return tuple(found.values())


def read_actions(path: Path, stay: str) -> tuple[str, ...]:
    """Return the steps of a stay's care plan that a person can take at home, in plain words, each once."""
    with path.open(encoding="utf-8", newline="") as file:
        return parse_actions(row for row in csv.DictReader(file) if row["patientunitstayid"] == stay)


def parse_actions(rows: Iterable[dict[str, str]]) -> tuple[str, ...]:
    """Return the plain words of the suitable items among one stay's rows, in order of first charting."""
    ordered = sorted(rows, key=lambda row: (int(row["cplitemoffset"]), int(row["cplgeneralid"])))
    steps = (SUITABLE_ITEMS.get((row["cplgroup"], row["cplitemvalue"])) for row in ordered)
    return tuple(dict.fromkeys(step for step in steps if step is not None))
